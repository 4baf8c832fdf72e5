/** `vikhr train tokenizer`: a config file that names texts in; a byte-level BPE vocabulary for a fresh model out. */
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { openJsonlClusters } from "../datasets/jsonl-clusters.ts";
import { messagesRow } from "../datasets/messages-row.ts";
import { EXIT, InputError } from "../errors.ts";
import { trainBpe } from "../tokenizer/train-bpe.ts";
import { writeVocabulary } from "../tokenizer/vocabulary.ts";
import { formatBytes, formatCount, formatDuration } from "../util/format-quantity.ts";
import { makeFolder } from "../util/make-folder.ts";
import { progressLine } from "../util/progress-line.ts";
import { readTextFile } from "../util/read-text-file.ts";
import { readYamlFile } from "../util/read-yaml-file.ts";
import { terminalJson, terminalLine } from "../util/terminal-text.ts";

const paths = z.union([z.string().min(1), z.array(z.string().min(1))]).transform((value) => [value].flat());

const settingsFile = z
  .strictObject({
    /** The vocabulary's file. */
    output: z.string().min(1),
    /** Tokens in all: 256 bytes, merges, control tokens. */
    vocab_size: z.int().positive(),
    /** JSONL files of rows with `messages`: their contents are read. */
    dataset: paths.default([]),
    /** Files, or folders with .txt and .md files at any depth. */
    texts: paths.default([]),
    /** Of a larger file only the beginning is read, so that none outweighs the others. */
    max_bytes_per_file: z.int().positive().default(64_000_000),
  })
  .refine(
    (settings) => settings.dataset.length + settings.texts.length > 0,
    "give dataset or texts to learn from",
  );

const MAX_CONFIG_BYTES = 1024 * 1024;
const TEXT_FILE = /\.(txt|md)$/i;

export async function trainTokenizer(configPath: string, flags: Record<string, unknown>): Promise<number> {
  const settings = readSettings(configPath);
  const started = performance.now();
  makeFolder(dirname(settings.output));
  const line = progressLine();
  const read = { files: 0, bytes: 0 };
  const count = function* (texts: Iterable<string>) {
    for (const text of texts) {
      read.bytes += Buffer.byteLength(text);
      line.show(`reading: ${formatBytes(read.bytes)}`);
      yield text;
    }
  };
  const texts = function* () {
    for (const path of settings.dataset) {
      read.files++;
      yield* count(dialogues(path, settings.max_bytes_per_file));
    }
    for (const path of settings.texts.flatMap(textFiles)) {
      read.files++;
      yield* count([readTextFile(path, { maxBytes: settings.max_bytes_per_file, cut: true })]);
    }
    line.clear();
    if (read.bytes === 0) throw new InputError(`${configPath}: dataset and texts hold nothing to learn from`);
    line.show(`learning merges from ${formatBytes(read.bytes)}`);
  };
  try {
    const vocabulary = trainBpe(texts(), { vocabSize: settings.vocab_size });
    await writeVocabulary(settings.output, vocabulary);
    line.clear();
    const seconds = (performance.now() - started) / 1000;
    const tokens = 256 + vocabulary.merges.length + vocabulary.controlTokens.length;
    const merges = vocabulary.merges.length;
    const { output } = settings;
    process.stdout.write(
      flags.json
        ? `${terminalJson({ output, tokens, merges, ...read, seconds })}\n`
        : `${terminalLine(`wrote ${output}: ${formatCount(tokens)} tokens from ${read.files} ${read.files === 1 ? "file" : "files"}, ${formatBytes(read.bytes)}, in ${formatDuration(seconds)}`)}\n`,
    );
    if (tokens < settings.vocab_size)
      process.stderr.write(
        `vikhr: the texts gave ${tokens} tokens of ${settings.vocab_size}: give more of them\n`,
      );
    return EXIT.ok;
  } finally {
    line.clear();
  }
}

function readSettings(path: string): z.infer<typeof settingsFile> {
  const result = settingsFile.safeParse(readYamlFile(path, { maxBytes: MAX_CONFIG_BYTES }));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new InputError(`${path}: ${issue.path.join(".") || "settings"}: ${issue.message}`);
}

function* dialogues(path: string, maxBytes: number): Generator<string> {
  const clusters = openJsonlClusters(path, messagesRow);
  let bytes = 0;
  try {
    for (let i = 0; i < clusters.length && bytes < maxBytes; i++)
      for (const { messages } of clusters.read(i))
        for (const { content } of messages) {
          bytes += Buffer.byteLength(content);
          yield content;
        }
  } finally {
    clusters.close();
  }
}

/** A file as it is; the text files of a folder, in an order that does not depend on the file system. */
function textFiles(path: string): string[] {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (cause) {
    throw new InputError(`cannot read ${path}: check the path`, { cause });
  }
  if (!isFolder) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXT_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
