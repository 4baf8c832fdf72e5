/**
 * Counters and histograms for Prometheus. Labels are routes, methods and outcomes, all from short lists: never what a
 * client wrote. Tokens a second are the rate of the token counters, cache reuse is that of reused to prompt tokens.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { OverloadedError } from "../errors.ts";
import type { GenerateChunk, GenerateOptions, LanguageModel, Prompt } from "../spec/language-model.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "DELETE", "OPTIONS"]);
/** In seconds: from what a page's file takes to a long answer on a laptop. */
const DURATIONS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = this.#counter("http_requests_total", "HTTP requests that ended", [
    "method",
    "route",
    "status",
  ]);
  readonly #inFlight = this.#gauge("http_requests_in_flight", "HTTP requests under way");
  readonly #duration = this.#histogram("http_request_duration_seconds", "From a request to its last byte", [
    "route",
  ]);
  readonly #generations = this.#counter("generations_total", "Completions by a model that ended", [
    "outcome",
  ]);
  readonly #waiting = this.#gauge("generations_waiting", "Completions that wait for their first token");
  readonly #running = this.#gauge("generations_running", "Completions that are being written");
  readonly #promptTokens = this.#counter("prompt_tokens_total", "Tokens of prompts");
  readonly #reusedTokens = this.#counter("reused_tokens_total", "Those of them that were in the cache");
  readonly #completionTokens = this.#counter("completion_tokens_total", "Tokens that models wrote");
  readonly #firstToken = this.#histogram("time_to_first_token_seconds", "From a prompt to its first token");
  readonly #generation = this.#histogram("generation_duration_seconds", "From a prompt to its last token");

  constructor() {
    new Gauge({
      name: "process_resident_memory_bytes",
      help: "Resident memory",
      registers: [this.#registry],
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  requestBegins(): void {
    this.#inFlight.inc();
  }

  /** `route` as it was registered, such as `/v1/collections/:id`. */
  requestEnds(method: string, route: string, status: number, seconds: number): void {
    this.#inFlight.dec();
    this.#requests.inc({ method: METHODS.has(method) ? method : "other", route, status });
    this.#duration.observe({ route }, seconds);
  }

  /** The same model; what goes through it is counted. */
  instrument(model: LanguageModel): LanguageModel {
    const generate = (prompt: Prompt, options?: GenerateOptions) =>
      this.#counted(model.generate(prompt, options));
    return {
      name: model.name,
      contextSize: model.contextSize,
      get isFull() {
        return model.isFull ?? false;
      },
      generate,
      score: (...given) => model.score(...given),
      close: () => model.close(),
    };
  }

  async *#counted(chunks: AsyncIterable<GenerateChunk>): AsyncGenerator<GenerateChunk, void, undefined> {
    const begun = performance.now();
    const seconds = () => (performance.now() - begun) / 1000;
    let hasBegun = false;
    let outcome = "aborted";
    this.#waiting.inc();
    try {
      for await (const chunk of chunks) {
        if (!hasBegun) {
          hasBegun = true;
          this.#waiting.dec();
          this.#running.inc();
          this.#firstToken.observe(seconds());
        }
        if (chunk.finishReason) outcome = chunk.finishReason;
        if (chunk.usage) {
          add(this.#promptTokens, chunk.usage.promptTokens);
          add(this.#reusedTokens, chunk.usage.reusedTokens);
          add(this.#completionTokens, chunk.usage.completionTokens);
        }
        yield chunk;
      }
    } catch (error) {
      outcome = error instanceof OverloadedError ? "overloaded" : "error";
      throw error;
    } finally {
      (hasBegun ? this.#running : this.#waiting).dec();
      this.#generations.inc({ outcome });
      if (hasBegun) this.#generation.observe(seconds());
    }
  }

  #counter<T extends string = never>(name: string, help: string, labelNames: T[] = []): Counter<T> {
    return new Counter({ name: `vikhr_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name: `vikhr_${name}`, help, registers: [this.#registry] });
  }

  #histogram<T extends string = never>(name: string, help: string, labelNames: T[] = []): Histogram<T> {
    const registers = [this.#registry];
    return new Histogram({ name: `vikhr_${name}`, help, labelNames, buckets: DURATIONS, registers });
  }
}

/** What a server behind states may be nonsense: a counter that only grows would throw, and end the answer. */
function add(counter: Counter, count: number): void {
  if (count > 0 && Number.isFinite(count)) counter.inc(count);
}
