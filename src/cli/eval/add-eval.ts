/** The commands of `vikhr eval` and their flags. */
import type { Command } from "commander";
import { debuggable, type Flags, repeated, withEngineFlags } from "../flags.ts";

export function addEval(program: Command, end: (code: number) => void): void {
  const evaluation = program
    .command("eval")
    .description("measure models: an arena with a judge, and answers from documents");
  const arena = evaluation
    .command("arena")
    .description(
      "models against a baseline, question by question; what is done is kept, the same command goes on",
    );
  withCallFlags(
    withRunFlags(arena.command("answers"))
      .description("what a model answers to all questions")
      .option("--questions <file>", "JSONL; of the first command on a run, kept for the others"),
  ).action(async (flags: Flags) => end(await (await import("./arena-answers.ts")).arenaAnswers(flags)));
  withCallFlags(
    withRunFlags(arena.command("judge"))
      .description("a judge compares answers with the baseline's: two games a question, places swapped")
      .argument("[model...]", "whose answers (default: all that there are)")
      .option("--questions <file>", "JSONL; of the first command on a run, kept for the others")
      .option("--baseline <name>", "whom they are compared with (default: gpt-3.5-turbo-0125)"),
  ).action(async (models: string[], flags: Flags) =>
    end(await (await import("./arena-judge.ts")).arenaJudge(models, flags)),
  );
  debuggable(withRunFlags(arena.command("report")))
    .description("who is better, how sure that is, and what the judge did: a page, and JSON, CSV, Markdown")
    .option("--judge <name>", "whose judgments (default: the only judge's)")
    .option("--baseline <name>", "against whom, where judgments do not say it, or differ")
    .option("--compare <folder>", "with an earlier run")
    .option(
      "--fail-under <threshold>",
      "exit code 1 where an interval misses it: 'own.win_rate>=55'",
      repeated,
    )
    .action(async (flags: Flags) => end(await (await import("./arena-report.ts")).arenaReport(flags)));
  addRag(evaluation, end);
}

function addRag(evaluation: Command, end: (code: number) => void): void {
  withCallFlags(evaluation.command("rag"), 512)
    .description("a model's answers from documents, beside quotes; a table, a page, and JSON, CSV, Markdown")
    .option("--data <file>", "a test set: rows of ours, XQuAD, Grounded-RAG-RU-v2 (default: generated)")
    .option("--questions <number>", "of each domain, at most (default 500)")
    .option("--protocol <name>", "two-step, single-prompt, or both (default)")
    .option("--judge-model <model>", "who judges: a name or a GGUF file (default: rules, without a model)")
    .option("--judge-base-url <url>", "or an OpenAI-compatible server")
    .option("--judge-model-id <id>", "and what that server calls the judge")
    .option("--judge-api <endpoint>", "completions (default), or chat")
    .option("--judge-api-key <key>", "for that server; better in OPENAI_API_KEY")
    .option("--temperature <number>", "of the answers (default 0)")
    .option("--quality", "answers by a beam search of 4")
    .option("--beams <number>", "the same with as many beams")
    .option("--seed <number>", "of the answers, where they are drawn (default 0)")
    .option("--run <folder>", "where all of it is kept, for all models (default: runs/rag)")
    .option("--compare <folder>", "with an earlier run over the same questions")
    .option(
      "--fail-under <threshold>",
      "exit code 1 where an interval misses it: '*.id_recall>=90'",
      repeated,
    )
    .option("--json", "print one JSON object")
    .action(async (flags: Flags) => end(await (await import("./rag.ts")).evalRag(flags)));
}

function withRunFlags(command: Command): Command {
  return command
    .option("--run <folder>", "where all of it is kept (default: runs/arena)")
    .option("--json", "print one JSON object");
}

/** Who is asked, and what it may cost. */
function withCallFlags(command: Command, maxTokens = 4096): Command {
  return withEngineFlags(command)
    .option("--api-key <key>", "for the server of --base-url; better in OPENAI_API_KEY")
    .option("--name <name>", "what files and reports call the model that is asked (default: its own name)")
    .option("--max-tokens <number>", `longest completion (default ${maxTokens})`)
    .option("--concurrency <number>", "calls at the same time (default 8)")
    .option(
      "--budget-tokens <number>",
      "stop before more tokens than this are spent, those of earlier runs included",
    )
    .option("--dry-run", "print the plan, and call nobody");
}
