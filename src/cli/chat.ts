/** `vikhr chat`: lines from people in, answers as they come out. Ctrl-C stops an answer; Ctrl-D leaves. */
import { createInterface, type Interface } from "node:readline";
import picocolors from "picocolors";
import { EXIT, InputError, VikhrError } from "../errors.ts";
import { answererOf } from "../rag/answerer-of.ts";
import type { Corpus } from "../rag/corpora.ts";
import type { GenerateOptions, LanguageModel } from "../spec/language-model.ts";
import { terminalLine, terminalText } from "../util/terminal-text.ts";
import type { Output } from "./answer-printer.ts";
import { Conversation, type Reply } from "./conversation.ts";
import { openCorpusForSearch } from "./corpus/open-corpus.ts";
import { existing } from "./corpus/sync.ts";
import { NANO, openModel, sayLoaded } from "./open-model.ts";
import { readSettings, type Settings, samplingOptions } from "./settings.ts";
import { systemPromptWarnings } from "./system-prompt-warnings.ts";

export async function chat(flags: Record<string, unknown>): Promise<number> {
  const settings = readSettings({ flags });
  const system = typeof flags.system === "string" ? flags.system : undefined;
  for (const warning of system === undefined ? [] : systemPromptWarnings(system)) warn(warning);
  const collection = flags.collection === undefined ? undefined : existing(String(flags.collection));
  if (collection && system !== undefined)
    throw new InputError(
      "--system and --collection are both given: answers from documents have a fixed prompt",
    );
  const model = await openModel(settings, sayLoaded);
  if (model === undefined && collection === undefined)
    throw new InputError(
      "chat needs a model that writes: give --model nano, or vikhr models pull vikhr-8b and --model vikhr-8b; or --collection for answers from documents",
    );
  const corpus = collection && (await openCorpusForSearch(collection));
  const say = corpus
    ? await sayFromDocuments(corpus, model, settings)
    : sayFreely(new Conversation(model!, system));
  // Last: lines that come before somebody listens are lost.
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: "> " });
  try {
    return await converse(say, lines, {
      output: process.stdout,
      isTerminal: Boolean(process.stdin.isTTY && process.stdout.isTTY),
      sampling: samplingOptions(settings),
    });
  } finally {
    lines.close();
    await corpus?.close();
    await model?.close();
  }
}

/** A message in, its answer on `output`. */
export type Say = (content: string, options: GenerateOptions, output: Output) => Promise<Reply>;

async function sayFromDocuments(
  corpus: Corpus,
  model: LanguageModel | undefined,
  settings: Settings,
): Promise<Say> {
  const { CorpusConversation } = await import("./corpus/corpus-conversation.ts");
  const conversation = new CorpusConversation(corpus, await answererOf(model, "answerWithPassages"));
  // The small model can answer, and cannot rewrite a question.
  const rewriter = model && settings.model !== NANO ? { rewriter: model } : {};
  return (content, options, output) => conversation.say(content, { ...options, ...rewriter }, output);
}

/** Streams the text, and tells how it ended where that was not by itself. */
export function sayFreely(conversation: Conversation): Say {
  const end = { aborted: " (stopped)", length: " (cut: at --max-tokens, or the context is full)", stop: "" };
  return async (content, options, output) => {
    const { dim } = picocolors.createColors(Boolean(output.isTTY) && picocolors.isColorSupported);
    const reply = await conversation.say(content, options, (text) => output.write(terminalText(text)));
    output.write(`${dim(end[reply.finishReason])}\n`);
    return reply;
  };
}

export interface ConverseOptions {
  output: Output;
  /** People sit in front of it: prompts are shown, and faults do not end the conversation. */
  isTerminal: boolean;
  sampling: GenerateOptions;
}

/** Until the lines end, or Ctrl-C ends the conversation; returns the exit code. */
export async function converse(
  say: Say,
  lines: Interface,
  { output, isTerminal, sampling }: ConverseOptions,
): Promise<number> {
  const { dim } = picocolors.createColors(isTerminal && picocolors.isColorSupported);
  let answering: AbortController | undefined;
  let warned = false;
  let interrupted = false;
  const onInterrupt = () => {
    // With piped input Ctrl-C ends the program; in a terminal the answer, and at the prompt it is pressed twice.
    if (!isTerminal || (warned && !answering)) {
      interrupted = true;
      answering?.abort();
      lines.close();
    } else if (answering) answering.abort();
    else {
      warned = true;
      output.write(`\n${dim("(Ctrl-C again, or Ctrl-D, leaves)")}\n`);
      lines.prompt();
    }
  };
  // A terminal's Ctrl-C comes through the line editor, that of a pipe as a signal.
  lines.on("SIGINT", onInterrupt);
  let closed = false;
  lines.once("close", () => {
    closed = true;
  });
  process.on("SIGINT", onInterrupt);
  try {
    if (isTerminal) lines.prompt();
    for await (const line of lines) {
      if (interrupted) break;
      warned = false;
      if (line.trim() !== "") {
        answering = new AbortController();
        try {
          const { forgotten } = await say(line, { ...sampling, signal: answering.signal }, output);
          if (forgotten > 0) warn(outgrown(forgotten));
        } catch (error) {
          // With people the conversation goes on: a shorter message, or a server that is back, may be answered.
          if (!isTerminal || !(error instanceof VikhrError)) throw error;
          output.write("\n");
          warn(error.message);
        }
        answering = undefined;
      }
      // Ctrl-D may have come during the answer.
      if (isTerminal && !closed) lines.prompt();
    }
    if (isTerminal) output.write("\n");
    return interrupted ? EXIT.interrupted : EXIT.ok;
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

function outgrown(forgotten: number): string {
  const what = forgotten === 1 ? "the oldest answer is" : `the oldest ${forgotten} answers are`;
  return `the conversation outgrew the context: ${what} forgotten`;
}

function warn(text: string): void {
  process.stderr.write(`vikhr: ${terminalLine(text)}\n`);
}
