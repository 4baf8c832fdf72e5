/** An EPUB book's bytes in, its chapters in reading order as one HTML text out, and its title. */
import { posix } from "node:path";
import { type Element, hasChildren, isTag } from "domhandler";
import { parseDocument } from "htmlparser2";
import { InputError } from "../errors.ts";
import { charsetOfMarkup } from "./declared-charset.ts";
import { decodeText } from "./decode-text.ts";
import { readZip } from "./read-zip.ts";

export interface Book {
  title: string | null;
  html: string;
}

/** Throws InputError where it is no EPUB, damaged, protected, or too large. */
export async function readEpub(bytes: Buffer): Promise<Book> {
  const files = await readZip(bytes, (name) => /\.(?:xml|opf|x?html?)$/i.test(name));
  const text = (path: string) => {
    const content = files.get(path);
    if (!content) throw new InputError(`it lacks ${path.slice(0, 200)}`);
    return decodeText(content, [charsetOfMarkup(content)]);
  };
  if (files.has("META-INF/encryption.xml") && /EncryptedData/.test(text("META-INF/encryption.xml")))
    if (/\.x?html?"/i.test(text("META-INF/encryption.xml"))) throw new InputError("it is protected");
  const packagePath = elements(text("META-INF/container.xml"), "rootfile")[0]?.attribs["full-path"];
  if (packagePath === undefined) throw new InputError("its container names no book");
  const opf = text(packagePath);
  const items = new Map(elements(opf, "item").map(({ attribs }) => [attribs.id, attribs.href]));
  const paths = elements(opf, "itemref").flatMap(({ attribs }) => {
    const href = items.get(attribs.idref);
    return href === undefined ? [] : [posix.join(posix.dirname(packagePath), unescapePath(href))];
  });
  // Threat: one chapter, named a million times.
  const chapters = [...new Set(paths)];
  const title = elements(opf, "dc:title")[0];
  return {
    title: (title && textOf(title).trim()) || null,
    html: chapters
      .filter((path) => files.has(path))
      .map((path) => bodyOf(text(path)))
      .join("\n"),
  };
}

/** Without the head, whose title is no part of the text. */
function bodyOf(html: string): string {
  return /<body\b[^>]*>([\s\S]*?)(?:<\/body>|$)/i.exec(html)?.[1]?.trim() ?? html;
}

function unescapePath(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}

/** All elements of that name, in order. */
function elements(xml: string, name: string): Element[] {
  const found: Element[] = [];
  const waiting = [...parseDocument(xml, { xmlMode: true }).children].reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (isTag(node) && node.name === name) found.push(node);
    if (hasChildren(node)) for (const child of [...node.children].reverse()) waiting.push(child);
  }
  return found;
}

function textOf(element: Element): string {
  return element.children.map((child) => (child.type === "text" ? child.data : "")).join("");
}
