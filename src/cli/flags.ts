/** Flags that several commands have. */
import type { Command } from "commander";

export type Flags = Record<string, unknown>;

/** Which model, and how it is loaded. */
export function withEngineFlags(command: Command): Command {
  return debuggable(command)
    .option("-m, --model <model>", "a name (vikhr models list), a GGUF file, or quotes")
    .option(
      "--base-url <url>",
      "an OpenAI-compatible server, such as http://localhost:8000/v1; more of the same model: again",
      (one: string, others?: string) => (others === undefined ? one : `${others},${one}`),
    )
    .option("--model-id <id>", "what that server calls the model")
    .option("--api <endpoint>", "completions (default), or chat where that server takes a documents role")
    .option("--context-size <number>", "tokens that a prompt and its answer may take")
    .option("--kv-type <type>", "keep it in f16 (default), q8_0 (half the memory) or q4_0 (a quarter)")
    .option("--threads <number>", "threads of a model on this machine, at most its cores")
    .option("--adapter <file[=scale]>", "a LoRA adapter of that model (GGUF); more of them: again", repeated);
}

/** An option that may be given several times. */
export function repeated(one: string, others: string[] = []): string[] {
  return [...others, one];
}

export function debuggable(command: Command): Command {
  return command.option("--debug", "show where an error comes from");
}
