/**
 * Files that somebody sends, under names that may be anything, in; files in a collection's folder out. What comes is
 * written aside first, whole, however slowly it comes: a collection sees only files that are complete.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isDocumentName } from "../documents/read-document.ts";
import { ConflictError, InputError } from "../errors.ts";
import { printable } from "../util/printable.ts";
import { type FileContent, syncFolder, writeFileAtomic } from "../util/write-file-atomic.ts";
import { uploadName } from "./upload-name.ts";

/** Milliseconds after which nobody writes to a file that was begun. */
const ABANDONED = 24 * 60 * 60 * 1000;

const MAX_FILES = 10_000;

/** On many systems two names that differ in case only are one. */
const folded = (name: string) => name.toLowerCase();

export class Uploads {
  readonly #aside: string;
  /** By name, where each lies. */
  readonly #files = new Map<string, string>();
  readonly #folded = new Set<string>();
  /** What is not kept, and why. */
  readonly refused: { path: string; reason: string }[] = [];

  /** `aside` is a folder on the same disk as the collections. */
  constructor(aside: string) {
    this.#aside = aside;
  }

  get count(): number {
    return this.#files.size + this.refused.length;
  }

  /** Throws InputError for a name that cannot be kept, and for one that came before. */
  async add(given: string, content: FileContent): Promise<void> {
    const name = uploadName(given);
    if (this.#folded.has(folded(name)))
      throw new InputError(`${JSON.stringify(printable(name, 80))} comes twice: send one of them`);
    if (this.count === MAX_FILES)
      throw new InputError(`there are more than ${MAX_FILES} files: send fewer at once`);
    this.#folded.add(folded(name));
    if (!isDocumentName(name)) {
      this.refused.push({ path: name, reason: "files of this kind are not read" });
      return;
    }
    if (this.#files.size === 0) await this.#makeFolder();
    const path = join(this.#aside, randomBytes(12).toString("hex"));
    this.#files.set(name, path);
    await writeFileAtomic(path, content);
  }

  /** Into `folder`, which is made; each takes the place of one of its name. Resolves to their paths. */
  async moveInto(folder: string): Promise<string[]> {
    await mkdir(folder, { recursive: true });
    const present = new Map((await readdir(folder)).map((name) => [folded(name), name]));
    for (const name of this.#files.keys()) {
      const other = present.get(folded(name)) ?? name;
      if (other !== name)
        throw new ConflictError(
          `${name} differs from ${other}, which is there, in case only: send it under that name, or delete that one`,
        );
    }
    const paths: string[] = [];
    for (const [name, aside] of this.#files) {
      const path = join(folder, name);
      await rename(aside, path);
      this.#files.delete(name);
      paths.push(path);
    }
    await syncFolder(folder);
    return paths;
  }

  /** Whatever was not moved is gone. */
  async discard(): Promise<void> {
    for (const path of this.#files.values()) await rm(path, { force: true });
    this.#files.clear();
  }

  /** And takes away what killed processes left there. */
  async #makeFolder(): Promise<void> {
    await mkdir(this.#aside, { recursive: true });
    for (const name of await readdir(this.#aside)) {
      const path = join(this.#aside, name);
      // Another request may end, and take its own away, just now.
      const facts = await stat(path).catch(() => undefined);
      if (facts && Date.now() - facts.mtimeMs > ABANDONED) await rm(path, { force: true });
    }
  }
}

export interface TextUpload {
  /** Of the file. Default: the title's, else one of the content's own. */
  name?: string | undefined;
  title?: string | undefined;
  content: string;
}

/** A text without a file, as a file: Markdown where its name says nothing else. */
export function textFile({ name, title, content }: TextUpload): { name: string; content: string } {
  const given = name ?? (title === undefined ? undefined : nameOfTitle(title));
  const base = given ?? `text-${createHash("sha256").update(content).digest("hex").slice(0, 12)}`;
  const full = name !== undefined && isDocumentName(name) ? name : `${base}.md`;
  // The file's name is the title of what has none; where there are both, the text begins with it.
  const isHeaded = name !== undefined && title !== undefined && /\.(md|markdown|mdx)$/i.test(full);
  return { name: full, content: isHeaded ? `# ${title.replace(/\s+/g, " ").trim()}\n\n${content}` : content };
}

/** At most 200 bytes, and never a path. */
function nameOfTitle(title: string): string {
  const plain = title
    .normalize("NFC")
    .replace(/[\p{C}\s/\\<>:"|?*]+/gu, " ")
    .replace(/^[\s.]+|[\s.]+$/g, "");
  let name = "";
  for (const character of plain) {
    if (Buffer.byteLength(name + character) > 200) break;
    name += character;
  }
  return name === "" ? "text" : name;
}
