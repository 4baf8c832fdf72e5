/** A file in a hub repository -> its size and SHA-256 as the hub states them, and its bytes; redirects are followed. */
import { InputError, VikhrError } from "../../errors.ts";
import { TransientError } from "../retrying.ts";

export interface HubSettings {
  /** Default: $HF_ENDPOINT, else the public hub. */
  endpoint?: string | undefined;
  /** For gated repositories; sent to the endpoint only. Default: $HF_TOKEN. */
  token?: string | undefined;
  fetch?: typeof fetch | undefined;
}

export interface HubFile {
  sha256: string;
  size: number;
}

export interface HubPlace {
  repository: string;
  file: string;
}

const DEFAULT_ENDPOINT = "https://huggingface.co";
const MAX_REDIRECTS = 10;
/** In milliseconds, until the headers of an answer. */
const ANSWER_TIMEOUT = 30_000;

export class HubClient {
  readonly #endpoint: URL;
  readonly #token: string | undefined;
  readonly #fetch: typeof fetch;

  constructor(settings: HubSettings = {}) {
    const given = settings.endpoint ?? (process.env.HF_ENDPOINT || DEFAULT_ENDPOINT);
    const endpoint = URL.canParse(given) ? new URL(given) : undefined;
    if (!endpoint || !/^https?:$/.test(endpoint.protocol))
      throw new InputError(`HF_ENDPOINT is no web address: set it to one such as ${DEFAULT_ENDPOINT}`);
    this.#endpoint = endpoint;
    this.#token = settings.token ?? (process.env.HF_TOKEN || undefined);
    if (this.#token !== undefined && !/^[\x21-\x7e]{1,4096}$/.test(this.#token))
      throw new InputError("HF_TOKEN has characters that no token has: check it");
    this.#fetch = settings.fetch ?? fetch;
  }

  async facts(place: HubPlace, signal: AbortSignal): Promise<HubFile> {
    const found = { sha256: "", size: Number.NaN };
    // What the hub says itself counts. The store that it sends to is not asked: its signed addresses are for GET.
    const response = await this.#request("HEAD", place, {}, signal, (headers) => {
      const sha256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(headers.get("x-linked-etag") ?? "")?.[1];
      if (sha256 === undefined) return false;
      found.sha256 = sha256.toLowerCase();
      found.size = Number(headers.get("x-linked-size") ?? headers.get("content-length") ?? Number.NaN);
      return true;
    });
    await response.body?.cancel();
    const { sha256, size } = found;
    if (sha256 === "" || !Number.isSafeInteger(size) || size <= 0)
      throw new InputError(
        `${this.#at(place)}: the hub does not state the size and SHA-256 of this file, so it cannot be checked: use another endpoint, or download it by hand and give its path`,
      );
    return { sha256, size };
  }

  /** The bytes from `start` on. A `206` answers with that part, a `200` with the whole file. */
  async bytes(
    place: HubPlace,
    { start, ifRange, signal }: { start: number; ifRange: string | undefined; signal: AbortSignal },
  ): Promise<Response> {
    const range = {
      range: `bytes=${start}-`,
      ...(ifRange === undefined ? {} : { "if-range": ifRange }),
    };
    return this.#request("GET", place, start > 0 ? range : {}, signal);
  }

  async #request(
    method: "HEAD" | "GET",
    place: HubPlace,
    headers: Record<string, string>,
    signal: AbortSignal,
    enough: (headers: Headers) => boolean = () => false,
  ): Promise<Response> {
    let url = this.#url(place);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await this.#send(method, url, headers, signal, place);
      const { status } = response;
      if (status < 400 && enough(response.headers)) return response;
      if (![301, 302, 303, 307, 308].includes(status)) {
        if (response.ok || status === 416) return response;
        await response.body?.cancel();
        throw this.#refusal(status, place);
      }
      await response.body?.cancel();
      url = this.#redirect(response.headers.get("location"), url, place);
    }
    throw new InputError(`${this.#at(place)}: more than ${MAX_REDIRECTS} redirects: see HF_ENDPOINT`);
  }

  async #send(
    method: string,
    url: URL,
    headers: Record<string, string>,
    signal: AbortSignal,
    place: HubPlace,
  ): Promise<Response> {
    // The token is for the hub, not for the store that it sends to.
    const authorized = this.#token !== undefined && url.origin === this.#endpoint.origin;
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(), ANSWER_TIMEOUT);
    try {
      return await this.#fetch(url, {
        method,
        redirect: "manual",
        headers: {
          // A compressed answer would have other lengths.
          "accept-encoding": "identity",
          ...headers,
          ...(authorized ? { authorization: `Bearer ${this.#token}` } : {}),
        },
        signal: AbortSignal.any([signal, slow.signal]),
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new TransientError(
        `${this.#at(place)}: the hub cannot be reached: check the connection and HF_ENDPOINT`,
        {
          cause,
        },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Threat: a redirect to plain HTTP would let anybody on the way change the file and read where it comes from. */
  #redirect(location: string | null, from: URL, place: HubPlace): URL {
    const to = location !== null && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    const allowed = this.#endpoint.protocol === "http:" ? /^https?:$/ : /^https:$/;
    if (!to || !allowed.test(to.protocol))
      throw new InputError(
        `${this.#at(place)}: the hub redirects to an address that is not https: see HF_ENDPOINT`,
      );
    return to;
  }

  #refusal(status: number, place: HubPlace): VikhrError {
    if (status === 401 || status === 403)
      return new InputError(
        `${this.#at(place)}: the hub refuses access (HTTP ${status}): check the name; for a gated repository accept its terms and set HF_TOKEN`,
      );
    if (status === 404 || status === 410)
      return new InputError(
        `${this.#at(place)}: the hub has no such file: check the name, or choose another quantization`,
      );
    const what = `${this.#at(place)}: the hub answers HTTP ${status}: try again later`;
    return status === 429 || status >= 500 ? new TransientError(what) : new VikhrError(what);
  }

  #url({ repository, file }: HubPlace): URL {
    const base = this.#endpoint.href.replace(/\/+$/, "");
    const path = file.split("/").map(encodeURIComponent).join("/");
    return new URL(`${base}/${repository}/resolve/main/${path}`);
  }

  #at({ repository, file }: HubPlace): string {
    return `${repository}/${file}`;
  }
}
