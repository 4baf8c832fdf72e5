/** A file's bytes in, its document out. Which reader is taken goes by the name, and for archives by what is inside. */
import { basename, extname } from "node:path";
import { parseDocument } from "htmlparser2";
import { InputError } from "../errors.ts";
import type { Document, TextFormat } from "../spec/document.ts";
import { charsetOfMarkup } from "./declared-charset.ts";
import { decodeText } from "./decode-text.ts";
import { frontMatter } from "./front-matter.ts";

const TEXT_FORMATS: Record<TextFormat, readonly string[]> = {
  markdown: [".md", ".markdown", ".mdx"],
  html: [".html", ".htm", ".xhtml"],
  plain: [".txt", ".text", ".log", ".rst", ".adoc", ".org", ".tex", ".srt"],
  code: (
    ".csv .tsv .json .jsonl .ndjson .yaml .yml .toml .ini .conf .xml .c .h .cc .cpp .hpp .cs .css .dart .ex .go .hs " +
    ".java .jl .js .jsx .mjs .kt .lua .php .pl .proto .ps1 .py .r .rb .rs .scala .sh .sql .swift .ts .tsx .vue .zig"
  ).split(" "),
};

const FORMATS = new Map(
  Object.entries(TEXT_FORMATS).flatMap(([format, names]) =>
    names.map((name) => [name, format as TextFormat] as const),
  ),
);
const BINARY = new Set([".pdf", ".docx", ".epub"]);

/** Of files that are named themselves any may be text; these are not, though some (RTF, PostScript) look like it. */
const UNREAD = new Set(
  (
    ".rtf .doc .dot .dotx .odt .ott .pages .xls .xlsx .ods .numbers .ppt .pptx .odp .key .ps .eps .djvu .djv .mobi " +
    ".azw3 .chm .msg .pst .zip .7z .rar .gz .tar .jpg .jpeg .png .gif .webp .tif .tiff .heic .mp3 .ogg .m4a .mp4 .mkv"
  ).split(" "),
);

/** Most characters of one document: some forty thick books. */
const MAX_CHARACTERS = 64 * 1024 * 1024;

/** Whether a file of this name is worth opening. */
export function isDocumentName(path: string): boolean {
  const extension = extname(path).toLowerCase();
  return FORMATS.has(extension) || isBinaryFormat(extension);
}

/** Whether a file of this ending is unpacked and laid out, and not just text. */
export function isBinaryFormat(extension: string): boolean {
  return BINARY.has(extension);
}

export interface ReadOptions {
  /** Tells the format: ".pdf". Default: the source's own. */
  extension?: string;
  /** What HTTP says of a text. */
  charset?: string | undefined;
}

/** Throws InputError that says what is wrong with the file, without its name. */
export async function readDocument(
  source: string,
  bytes: Buffer,
  { extension = extname(source).toLowerCase(), charset }: ReadOptions = {},
): Promise<Document> {
  const document = await read(source, bytes, extension, charset);
  if (document.text.length > MAX_CHARACTERS)
    throw new InputError(`its text has ${document.text.length} characters: ${MAX_CHARACTERS} are the most`);
  if (document.text.trim() === "") throw new InputError("it is empty");
  return { ...document, title: document.title ?? basename(source, extname(source)) };
}

async function read(source: string, bytes: Buffer, extension: string, charset?: string): Promise<Document> {
  if (extension === ".pdf") {
    const { title, pages } = await (await import("./read-pdf.ts")).readPdf(bytes);
    return { source, title, format: "plain", ...joinPages(pages) };
  }
  if (extension === ".docx") {
    const text = await (await import("./read-docx.ts")).readDocx(bytes);
    return { source, title: null, format: "html", text };
  }
  if (extension === ".epub") {
    const { title, html } = await (await import("./read-epub.ts")).readEpub(bytes);
    return { source, title, format: "html", text: html };
  }
  if (UNREAD.has(extension)) throw new InputError("files of this kind are not read");
  const format = FORMATS.get(extension) ?? "plain";
  const isMarkup = format === "html" || extension === ".xml";
  const text = decodeText(bytes, [charset, isMarkup ? charsetOfMarkup(bytes) : undefined]);
  return { source, title: TITLES[format]?.(text) ?? null, format, text };
}

const TITLES: Partial<Record<TextFormat, (text: string) => string | null>> = {
  html: htmlTitle,
  markdown: (text) => frontMatter(text).title,
};

function joinPages(pages: readonly string[]): { text: string; pageStarts: number[] } {
  const pageStarts: number[] = [];
  let text = "";
  for (const page of pages) {
    pageStarts.push(text.length);
    text += `${page}\n\n`;
  }
  return { text, pageStarts };
}

function htmlTitle(text: string): string | null {
  const found = /<title[^>]*>([^<]{1,1000})</i.exec(text.slice(0, 65_536))?.[1];
  const decoded = parseDocument(found ?? "").children.map((node) => (node.type === "text" ? node.data : ""));
  return decoded.join("").replace(/\s+/g, " ").trim() || null;
}
