/** A folder of Markdown files: real text in both languages cut into pages with headings, or synthetic text without it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { findFiles } from "../../src/documents/find-files.ts";
import { batches } from "../retrieval-speed/corpus.ts";

const TEXT_FOLDER = join(import.meta.dirname, "../../../shared/data/text");
const FILES_A_FOLDER = 100;
/** Bytes of a page: several KB, and all of the text is not enough for larger ones. */
const PAGE = 5000;
const PARAGRAPHS_A_SECTION = 5;

interface Text {
  name: string;
  text: string;
}

/** Bytes written, and where from. The same files every time. */
export async function makeFiles(
  folder: string,
  count: number,
): Promise<{ bytes: number; from: "real text" | "synthetic text" }> {
  const real = existsSync(TEXT_FOLDER);
  const texts = real ? await realTexts() : syntheticTexts(count);
  const pages = texts.flatMap(pagesOf);
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const below = join(folder, `part-${String(Math.floor(i / FILES_A_FOLDER)).padStart(3, "0")}`);
    if (i % FILES_A_FOLDER === 0) mkdirSync(below, { recursive: true });
    // Evenly from all of them: books of one language stand together. Where they run out, copies with other titles.
    const page = pages[Math.floor((i * pages.length) / count)]!;
    const content = `# Page ${i + 1}: ${page}`;
    bytes += Buffer.byteLength(content);
    writeFileSync(join(below, `page-${String(i).padStart(5, "0")}.md`), content);
  }
  return { bytes, from: real ? "real text" : "synthetic text" };
}

async function realTexts(): Promise<Text[]> {
  const { files } = await findFiles(TEXT_FOLDER);
  const paths = files.flatMap(({ path }) => ([".md", ".txt"].includes(extname(path)) ? [path] : []));
  return paths.map((path) => ({ name: basename(path, extname(path)), text: readFileSync(path, "utf8") }));
}

function syntheticTexts(count: number): Text[] {
  const chunks = 4 * count;
  return [...batches(chunks)].flat().map((entry) => ({
    name: entry.chunks[0]!.title!,
    text: entry.chunks.map(({ text }) => text).join("\n\n"),
  }));
}

/** Whole paragraphs, with a heading over every few. */
function pagesOf({ name, text }: Text): string[] {
  const pages: string[] = [];
  let [page, paragraphs] = ["", 0];
  for (const paragraph of text.split(/\n\s*\n/)) {
    if (paragraphs % PARAGRAPHS_A_SECTION === 0)
      page += `## ${name}, ${1 + paragraphs / PARAGRAPHS_A_SECTION}\n\n`;
    page += `${paragraph}\n\n`;
    paragraphs++;
    if (Buffer.byteLength(page) < PAGE) continue;
    pages.push(`${name}\n\n${page}`);
    [page, paragraphs] = ["", 0];
  }
  if (page !== "") pages.push(`${name}\n\n${page}`);
  return pages;
}
