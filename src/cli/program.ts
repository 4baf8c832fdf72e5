/**
 * The commands and their flags. Each loads what it runs when it is called, so that `vikhr --help` starts at once
 * and loads nothing native.
 */
import { Command } from "commander";
import { FORMAT_NAMES } from "../index/format-names.ts";
import { packageVersion } from "../util/package-version.ts";
import { addEval } from "./eval/add-eval.ts";
import { debuggable, type Flags, repeated, withEngineFlags } from "./flags.ts";

/** `end` takes the exit code of the command that ran. */
export function createProgram(end: (code: number) => void): Command {
  const program = new Command("vikhr")
    .description(
      "Cited answers in Russian and English from your own documents, and training of the models that give them",
    )
    .version(packageVersion())
    .exitOverride()
    // Faults are printed in one place, in one line.
    .configureOutput({ outputError: () => undefined })
    .showHelpAfterError(false)
    .enablePositionalOptions(false);
  addAsk(program, end);
  addCorpus(program, end);
  addChat(program, end);
  addServe(program, end);
  addMcp(program, end);
  addModels(program, end);
  addTrain(program, end);
  addEval(program, end);
  debuggable(
    program
      .command("doctor")
      .description("check Node, the processor, GPUs, memory, libraries and gradients")
      .option("--json", "print one JSON object"),
  ).action(async (flags: Flags) => end(await (await import("./machine/doctor.ts")).doctor(flags)));
  debuggable(
    program
      .command("compile")
      .description("compile llama.cpp for this very processor: models run faster (Linux on x64)")
      .option("--json", "print one JSON object"),
  ).action(async (flags: Flags) => end(await (await import("./machine/compile.ts")).compile(flags)));
  return program;
}

function addAsk(program: Command, end: (code: number) => void): void {
  const command = program
    .command("ask")
    .description("answer a question from a collection, or from documents given, with sources")
    .argument("<question>")
    .option("-d, --documents <file>", "JSON array of {doc_id, title, content}; - reads stdin")
    .option("-C, --collection <name>", "what vikhr add made (default: default)")
    .option("--json", "print one JSON object");
  withFilter(withModelFlags(command)).action(async (question: string, flags: Flags) =>
    end(await (await import("./ask.ts")).ask(question, flags)),
  );
}

function addCorpus(program: Command, end: (code: number) => void): void {
  const withCollection = (command: Command) =>
    debuggable(command)
      .option("-C, --collection <name>", "which collection (default: default)")
      .option("--json", "print JSON");
  withCollection(
    program
      .command("add")
      .description("read files, folders, patterns or web pages into a collection, and keep them linked")
      .argument("<path|url...>")
      .option("--embedding-model <model>", "search by meaning, too: a GGUF file, or id@http://server/v1")
      .option("--allow-private", "web pages of this machine and its network, too"),
  ).action(async (paths: string[], flags: Flags) =>
    end(await (await import("./corpus/add.ts")).add(paths, flags)),
  );
  withCollection(
    program
      .command("sync")
      .description("bring collections (default: all) up to their files")
      .option("--watch", "go on: sync again whenever files change")
      .option("--allow-private", "web pages of this machine and its network, too"),
  ).action(async (flags: Flags) => end(await (await import("./corpus/sync.ts")).sync(flags)));
  withCollection(
    program
      .command("remove")
      .description("take what was added out of a collection; files stay where they are")
      .argument("[path...]")
      .option("--all", "the whole collection"),
  ).action(async (paths: string[], flags: Flags) =>
    end(await (await import("./corpus/remove.ts")).remove(paths, flags)),
  );
  debuggable(
    program
      .command("collections")
      .description("which collections there are")
      .option("--json", "print one JSON array"),
  ).action(async (flags: Flags) => end(await (await import("./corpus/collections.ts")).collections(flags)));
  withFilter(
    withCollection(
      program
        .command("search")
        .description("the best places of a collection for a query")
        .argument("<query>")
        .option("-k <number>", "most hits (default 10)"),
    ),
  ).action(async (query: string, flags: Flags) =>
    end(await (await import("./corpus/search.ts")).search(query, flags)),
  );
}

function addChat(program: Command, end: (code: number) => void): void {
  const command = program
    .command("chat")
    .description("talk with a model; Ctrl-C stops an answer, Ctrl-D leaves")
    .option("-C, --collection <name>", "answer from what vikhr add read, with sources")
    .option("--system <prompt>", "style of the answers, in English; not a persona");
  withModelFlags(command).action(async (flags: Flags) => end(await (await import("./chat.ts")).chat(flags)));
}

function addMcp(program: Command, end: (code: number) => void): void {
  const command = program
    .command("mcp")
    .description(
      "let an assistant that speaks the Model Context Protocol search, ask and read the collections",
    );
  withModelFlags(command).action(async (flags: Flags) => end(await (await import("./mcp.ts")).mcp(flags)));
}

function addModels(program: Command, end: (code: number) => void): void {
  const models = program.command("models").description("list, inspect and download models");
  debuggable(
    models.command("list").description("models known by name").option("--json", "print one JSON array"),
  ).action(async (flags: Flags) => end(await (await import("./models-list.ts")).modelsList(flags)));
  debuggable(
    models
      .command("info")
      .description("what a model is, and the memory it needs")
      .argument("<model>", "a name or a GGUF file")
      .option("--json", "print one JSON object"),
  ).action(async (model: string, flags: Flags) =>
    end(await (await import("./models-info.ts")).modelsInfo(model, flags)),
  );
  debuggable(
    models
      .command("pull")
      .description("download a model; started again, it goes on where it stopped")
      .argument("<model>", "vikhr-8b, vikhr-8b:Q5_K_M, or hf:owner/repository/file.gguf")
      .option("--json", "print one JSON object"),
  ).action(async (model: string, flags: Flags) =>
    end(await (await import("./models-pull.ts")).modelsPull(model, flags)),
  );
}

function addTrain(program: Command, end: (code: number) => void): void {
  const train = program.command("train").description("train a tokenizer or a model, as a config file says");
  debuggable(
    train
      .command("tokenizer")
      .description("texts to a byte-level BPE vocabulary")
      .argument("<config.yaml>", "output, vocab_size, dataset, texts, max_bytes_per_file")
      .option("--json", "print one JSON object"),
  ).action(async (config: string, flags: Flags) =>
    end(await (await import("./train-tokenizer.ts")).trainTokenizer(config, flags)),
  );
  debuggable(
    train
      .command("sft")
      .description("supervised fine-tuning; Ctrl-C keeps a checkpoint, the same command goes on from it")
      .argument("<config.yaml>", "the settings of the run")
      .option("--plot", "draw curves.svg from metrics.jsonl")
      .option("--json", "print one JSON object"),
  ).action(async (config: string, flags: Flags) =>
    end(await (await import("./train-sft.ts")).trainSft(config, flags)),
  );
}

function addServe(program: Command, end: (code: number) => void): void {
  const command = program
    .command("serve")
    .description("answer over HTTP: a page, an API as OpenAI's, until Ctrl-C")
    .option("--host <host>", "the address to listen at (default 127.0.0.1: this machine only)")
    .option("--port <number>", "and the port (default 8080; 0 takes a free one)")
    .option("-C, --collection <name>", "for requests that name none (default: default)")
    .option(
      "--embedding-model <model>",
      "gives vectors at /v1/embeddings: a GGUF file, or id@http://server/v1",
    )
    .option("--api-key-file <file>", "who may ask: a YAML list; vikhr keys new makes its lines")
    .option("--api-key <key>", "a key that clients send; more of them: again, or VIKHR_API_KEYS", repeated)
    .option("--no-auth", "let everybody ask who reaches this address")
    .option("--cors <origin>", "pages of this origin may ask, too; more of them: again", repeated)
    .option("--log-content", "log what is asked, too")
    .option("--grace <seconds>", "how long answers under way may take once it is stopped (default 30)");
  withEngineFlags(command).action(async (flags: Flags) =>
    end(await (await import("./serve/serve.ts")).serve(flags)),
  );
  debuggable(
    program
      .command("keys")
      .description("keys for clients of vikhr serve")
      .command("new")
      .description("make a key: its line for --api-key-file on stdout, the key itself, once, on stderr")
      .argument("<name>", "whose it is")
      .option("--json", "print both as one JSON object"),
  ).action(async (name: string, flags: Flags) =>
    end((await import("./serve/keys-new.ts")).keysNew(name, flags)),
  );
}

function withModelFlags(command: Command): Command {
  return withEngineFlags(command)
    .option("--api-key <key>", "for the server of --base-url; better in OPENAI_API_KEY")
    .option("--temperature <number>", "0 always takes the likeliest word (default 0.3)")
    .option("--quality", "recommended for vikhr-8b: the likeliest answer, by a beam search of 4; slower")
    .option("--beams <number>", "the same with as many beams")
    .option("--seed <number>", "same seed, same answer")
    .option("--max-tokens <number>", "longest answer");
}

/** Only these of a collection's documents. */
function withFilter(command: Command): Command {
  return command
    .option("--path <path>", "only files below this folder, or this file")
    .option("--format <format>", `only one of ${FORMAT_NAMES.join(", ")}`)
    .option("--since <day>", "only files changed on this day or later: 2026-01-31")
    .option("--until <day>", "only files changed on this day or before");
}
