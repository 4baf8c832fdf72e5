/**
 * The model that answers, and its exchange for another while requests are under way: those finish on the model that
 * they began with. Opens nothing itself.
 */
import type { ListedModel } from "../engine/registry/list-models.ts";
import type { PulledModel } from "../engine/registry/pull-model.ts";
import type { PullProgress } from "../engine/registry/pull-progress.ts";
import { ConflictError } from "../errors.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import { RequestError } from "./openai-error.ts";

export interface PullHandlers {
  signal: AbortSignal;
  onProgress: (progress: PullProgress) => void;
}

/** Where models come from. */
export interface ModelSource {
  /** `undefined`: the one that the settings name. Gives undefined for quotes. */
  open(name: string | undefined): Promise<LanguageModel | undefined>;
  /** Of its weights; 0 for quotes. Throws InputError where it is not there. */
  bytesOf(name: string): number;
  list(): Promise<ListedModel[]>;
  pull(name: string, handlers: PullHandlers): Promise<PulledModel>;
  /** Bytes that are free now. */
  availableMemory(): number;
}

interface Hosted {
  /** As it was asked for. */
  name: string | undefined;
  model: LanguageModel | undefined;
  loadedAt: Date;
}

/** A request under way; those wait for its end who are to close what it may use. */
interface Hold {
  waiting: (() => void)[];
}

/** A second model is opened beside the first where its weights take less than this of what is free: a context comes on top. */
const MODEST_SHARE = 0.25;
/** Seconds. */
const RETRY_AFTER = 5;

export class ModelHost {
  readonly #source: ModelSource;
  #current: Hosted | undefined;
  #loading: Promise<void> | undefined;
  readonly #holds = new Set<Hold>();
  readonly #retired = new Set<Promise<void>>();
  readonly #pulls = new AbortController();

  constructor(source: ModelSource) {
    this.#source = source;
  }

  /** False until the first model is there, and while one is exchanged for which both have no room. */
  get isReady(): boolean {
    return this.#current !== undefined;
  }

  /** `undefined`: quotes. Throws a RequestError (503) where it is not ready. */
  get model(): LanguageModel | undefined {
    return this.#ready().model;
  }

  /** What it was asked for as, and since when it is there. */
  get loaded(): { name: string | undefined; loadedAt: Date } {
    return this.#ready();
  }

  /** What answers from now on is not closed before the function that this gives is called. */
  hold(): () => void {
    const hold: Hold = { waiting: [] };
    this.#holds.add(hold);
    return () => {
      if (this.#holds.delete(hold)) for (const tell of hold.waiting) tell();
    };
  }

  /** Without a name: what the settings name. Throws ConflictError while another is being loaded. */
  async load(name?: string): Promise<void> {
    if (this.#loading) throw new ConflictError("a model is being loaded already: wait until it is there");
    this.#loading = this.#exchange(name).finally(() => {
      this.#loading = undefined;
    });
    await this.#loading;
  }

  list(): Promise<ListedModel[]> {
    return this.#source.list();
  }

  /** Keeps what has come when `signal` aborts, or the host is closed. */
  pull(name: string, { signal, onProgress }: PullHandlers): Promise<PulledModel> {
    return this.#source.pull(name, { signal: AbortSignal.any([signal, this.#pulls.signal]), onProgress });
  }

  /** They go on another time. */
  stopPulls(): void {
    this.#pulls.abort();
  }

  /** Once no request is under way. */
  async close(): Promise<void> {
    this.stopPulls();
    await this.#loading?.catch(() => undefined);
    const current = this.#current;
    this.#current = undefined;
    await current?.model?.close();
    await Promise.all(this.#retired);
  }

  async #exchange(name: string | undefined): Promise<void> {
    const old = this.#current;
    const bytes = name === undefined ? 0 : this.#source.bytesOf(name);
    const fitsBeside = bytes <= MODEST_SHARE * this.#source.availableMemory();
    if (fitsBeside || !old?.model) {
      this.#current = await this.#open(name);
      if (old?.model) this.#retire(old.model);
      return;
    }
    this.#current = undefined;
    await this.#closeOnceFree(old.model);
    try {
      this.#current = await this.#open(name);
    } catch (error) {
      // Better the old one than none, and quotes than nothing.
      this.#current = await this.#open(old.name).catch(() => hosting(undefined, undefined));
      throw error;
    }
  }

  async #open(name: string | undefined): Promise<Hosted> {
    return hosting(name, await this.#source.open(name));
  }

  #retire(old: LanguageModel): void {
    const closing = this.#closeOnceFree(old).finally(() => this.#retired.delete(closing));
    this.#retired.add(closing);
  }

  async #closeOnceFree(model: LanguageModel): Promise<void> {
    await Promise.all([...this.#holds].map((hold) => new Promise<void>((free) => hold.waiting.push(free))));
    await model.close();
  }

  #ready(): Hosted {
    if (this.#current) return this.#current;
    throw new RequestError("the model is being loaded: try again in a moment", {
      status: 503,
      code: "model_loading",
      retryAfter: RETRY_AFTER,
    });
  }
}

function hosting(name: string | undefined, model: LanguageModel | undefined): Hosted {
  return { name, model, loadedAt: new Date() };
}
