/**
 * An arena on disk, by default `runs/arena`:
 *
 *     questions.jsonl                   what everybody was asked
 *     answers/<model>.jsonl             one row a question; files from elsewhere may be put here
 *     judgments/<judge>/<model>.jsonl   one row a question: two games
 *     judgments/<judge>/manifest.json   the judge's prompt, settings, and what it read
 *     calls/answers-<model>.jsonl       the journals: each call as it came, which later runs go on from
 *     calls/judge-<judge>.jsonl
 *     report.html .json .csv .md
 *
 * Rows are written whole, from a journal, whenever a run ends; a journal can be taken away once nothing is to go on.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { InputError } from "../../errors.ts";
import { fileNameOf, nameOfFile } from "../../util/file-name-of.ts";
import { makeFolder } from "../../util/make-folder.ts";
import { writeFileAtomic } from "../../util/write-file-atomic.ts";

export class ArenaFolder {
  readonly path: string;
  readonly questions: string;

  constructor(path: string) {
    this.path = path;
    this.questions = join(path, "questions.jsonl");
  }

  answers(model: string): string {
    return join(this.path, "answers", `${fileNameOf(model)}.jsonl`);
  }

  judgments(judge: string, model: string): string {
    return join(this.path, "judgments", fileNameOf(judge), `${fileNameOf(model)}.jsonl`);
  }

  manifest(judge: string): string {
    return join(this.path, "judgments", fileNameOf(judge), "manifest.json");
  }

  answersJournal(model: string): string {
    return join(this.path, "calls", `answers-${fileNameOf(model)}.jsonl`);
  }

  judgeJournal(judge: string): string {
    return join(this.path, "calls", `judge-${fileNameOf(judge)}.jsonl`);
  }

  /** Sorted, so that reports do not depend on the file system. */
  answerFiles(): string[] {
    return rowFiles(join(this.path, "answers"));
  }

  /** All that have judgments. */
  judges(): string[] {
    const folder = join(this.path, "judgments");
    return list(folder)
      .filter((name) => rowFiles(join(folder, name)).length > 0)
      .map(nameOfFile);
  }

  judgmentFiles(judge: string): string[] {
    return rowFiles(dirname(this.manifest(judge)));
  }

  /** Names of files within this folder -> SHA-256. */
  hashes(paths: readonly string[]): Record<string, string> {
    return Object.fromEntries(
      paths.map((path) => [relative(this.path, path).replaceAll("\\", "/"), sha256OfFile(path)]),
    );
  }

  /** The questions of this run: `given`, or those of the runs before, which must be the same. */
  questionsFrom(given: string | undefined): string {
    if (given === undefined && !existsSync(this.questions))
      throw new InputError(`${this.path} has no questions yet: give --questions, a JSONL file`);
    if (
      given !== undefined &&
      existsSync(this.questions) &&
      sha256OfFile(given) !== sha256OfFile(this.questions)
    )
      throw new InputError(`${given} is not what ${this.path} was begun with: give another folder as --run`);
    return given ?? this.questions;
  }

  /** For the runs that follow. */
  async keepQuestions(path: string): Promise<void> {
    if (existsSync(this.questions)) return;
    makeFolder(this.path);
    await writeFileAtomic(this.questions, readFileSync(path));
  }
}

export async function writeRows(path: string, rows: readonly unknown[]): Promise<void> {
  makeFolder(dirname(path));
  await writeFileAtomic(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

function sha256OfFile(path: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch (cause) {
    throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

function rowFiles(folder: string): string[] {
  return list(folder)
    .filter((name) => name.endsWith(".jsonl") && !name.startsWith("."))
    .map((name) => join(folder, name));
}

function list(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).sort();
}
