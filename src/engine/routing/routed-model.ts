/**
 * spec's LanguageModel over several servers of the same model: each request goes to one of them, and to another where
 * that one fails before its first token. Knows nothing of HTTP.
 */
import { InputError, UnavailableError, VikhrError } from "../../errors.ts";
import type {
  GenerateChunk,
  GenerateOptions,
  LanguageModel,
  Prompt,
  ScoreOptions,
  TokenLogprob,
} from "../../spec/language-model.ts";
import { LinkedAbort } from "../linked-abort.ts";
import { retrying, TransientError } from "../retrying.ts";
import { chooseMember } from "./choose-member.ts";
import { type BackEnd, Member, type OnChange } from "./member.ts";
import { answerPrefixes, type Prefix, PrefixMemory, prefixesOf } from "./prefix-memory.ts";

export interface RoutedModelOptions {
  name: string;
  /** All of the same model. */
  backEnds: readonly BackEnd[];
  /** How often more all are tried where all failed for a moment. */
  retries: number;
  onChange?: OnChange | undefined;
}

interface Route {
  prefixes: readonly Prefix[];
  signal: AbortSignal;
}

export class RoutedModel implements LanguageModel {
  readonly name: string;
  readonly #members: readonly Member[];
  readonly #retries: number;
  readonly #memory = new PrefixMemory<Member>();
  readonly #closing = new AbortController();
  #requests = 0;

  private constructor({ name, backEnds, retries, onChange = () => undefined }: RoutedModelOptions) {
    this.name = name;
    this.#retries = retries;
    this.#members = backEnds.map((backEnd) => new Member(backEnd, onChange));
  }

  /** At least one of them must answer; the others may come later. What is wrong with what is asked of any is said now. */
  static async open(options: RoutedModelOptions): Promise<RoutedModel> {
    const routed = new RoutedModel(options);
    try {
      await retrying(() => routed.#checkAll(), { retries: options.retries, signal: routed.#closing.signal });
      return routed;
    } catch (error) {
      await routed.close();
      throw error;
    }
  }

  /** The least of all that have answered yet. */
  get contextSize(): number {
    return Math.min(...this.#members.flatMap(({ model }) => (model ? [model.contextSize] : [])));
  }

  async *generate(
    prompt: Prompt,
    options: GenerateOptions = {},
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    const stop = this.#stop(options.signal);
    const { signal } = stop;
    try {
      const prefixes = prefixesOf(prompt);
      const start = async (model: LanguageModel) => {
        const chunks = model.generate(prompt, { ...options, signal })[Symbol.asyncIterator]();
        return { chunks, first: await chunks.next() };
      };
      const { member, result } = await this.#route({ prefixes, signal }, start);
      yield* this.#rest(member, result, { prompt, prefixes, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      const usage = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
      yield { text: "", tokens: [], finishReason: "aborted", usage };
    } finally {
      stop.end();
    }
  }

  /** What was begun there ends there, well or not. */
  async *#rest(
    member: Member,
    { chunks, first }: { chunks: AsyncIterator<GenerateChunk>; first: IteratorResult<GenerateChunk> },
    { prompt, prefixes, signal }: Route & { prompt: Prompt },
  ): AsyncGenerator<GenerateChunk, void, undefined> {
    let answer = "";
    try {
      for (let next = first; !next.done; next = await chunks.next()) {
        answer += next.value.text;
        yield next.value;
      }
      this.#memory.remember(answerPrefixes(prompt, prefixes, answer), member);
    } catch (error) {
      if (!signal.aborted && isServersFault(error)) member.failed(error);
      throw error;
    } finally {
      await chunks.return?.();
      member.load--;
    }
  }

  async score(prompt: Prompt, completion: string, options: ScoreOptions = {}): Promise<TokenLogprob[]> {
    const stop = this.#stop(options.signal);
    const { signal } = stop;
    try {
      const { member, result } = await this.#route({ prefixes: prefixesOf(prompt), signal }, (model) =>
        model.score(prompt, completion, { ...options, signal }),
      );
      member.load--;
      return result;
    } finally {
      stop.end();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new VikhrError(`the model '${this.name}' is closed`));
    await Promise.all(this.#members.map((member) => member.close()));
  }

  /** `start` at one member after the other, until one does it; it counts as loaded until the caller says otherwise. */
  #route<T>(
    route: Route,
    start: (model: LanguageModel) => Promise<T>,
  ): Promise<{ member: Member; result: T }> {
    return retrying(() => this.#routeOnce(route, start), { retries: this.#retries, signal: route.signal });
  }

  async #routeOnce<T>(
    { prefixes, signal }: Route,
    start: (model: LanguageModel) => Promise<T>,
  ): Promise<{ member: Member; result: T }> {
    const left = new Set(this.#members);
    let failure: unknown;
    while (true) {
      await this.#checkLeftOut([...left], signal);
      // From here to the load in one go: requests that come at once must see each other.
      const candidates = [...left].filter(({ isWell }) => isWell);
      const member = chooseMember(candidates, this.#memory.holders(prefixes));
      if (!member) throw this.#noneAnswers(failure);
      left.delete(member);
      member.load++;
      member.lastChosen = ++this.#requests;
      // Now already: the second of two requests that come at once would not find it otherwise.
      this.#memory.remember(prefixes, member);
      try {
        const result = await start(member.model!);
        member.served();
        return { member, result };
      } catch (error) {
        member.load--;
        if (signal.aborted || !isServersFault(error)) throw error;
        member.failed(error);
        failure = error;
      }
    }
  }

  /** Before those are given up who are left out: they may be back, or one prompt only made them fail. */
  async #checkLeftOut(members: readonly Member[], signal: AbortSignal): Promise<void> {
    if (members.some(({ isWell }) => isWell)) return;
    await unlessAborted(Promise.all(members.map((member) => member.check())), signal);
  }

  async #checkAll(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.check()));
    const failures = this.#members.flatMap(({ isWell, failure }) => (isWell ? [] : [failure]));
    const wrong = failures.find((failure) => !isServersFault(failure));
    if (wrong !== undefined) throw wrong;
    if (failures.length === this.#members.length) throw this.#noneAnswers(failures.at(-1));
  }

  /** Of the kind of the last failure, so that it is tried again, and told to people, as that would be. */
  #noneAnswers(failure = this.#members.at(-1)!.failure): VikhrError {
    const names = this.#members.map(({ name }) => name).join(", ");
    const what = failure instanceof Error ? failure.message : String(failure);
    const message = `none of the servers ${names} answers; the last said: ${what}`;
    if (failure instanceof TransientError)
      return new TransientError(message, { retryAfter: failure.retryAfter, cause: failure });
    return failure instanceof InputError
      ? new UnavailableError(message, { cause: failure })
      : new VikhrError(message, { cause: failure });
  }

  #stop(signal: AbortSignal | undefined): LinkedAbort {
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
    return new LinkedAbort(signal, this.#closing.signal);
  }
}

/** Another may do what this one could not. Whatever else is wrong would be wrong there too. */
function isServersFault(error: unknown): boolean {
  if (error instanceof UnavailableError) return true;
  return error instanceof VikhrError && !(error instanceof InputError);
}

/** `signal` is the request's own, and ends with it. */
async function unlessAborted(done: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  await Promise.race([done, aborted]);
}
