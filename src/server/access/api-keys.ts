/**
 * Keys of clients: made, hashed, found again, and how much each may ask. Only SHA-256 hashes are kept. That is enough for
 * keys of 256 random bits: stretching (scrypt) guards passwords that can be guessed, and would cost every request 50 ms.
 * So keys that are short enough for people to choose are refused.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { InputError } from "../../errors.ts";
import { RequestError } from "../openai-error.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface ApiKey {
  /** For logs. */
  name: string;
  /** SHA-256, 32 bytes. */
  hash: Buffer;
  /** Default: no bound. */
  requestsPerMinute?: number | undefined;
  /** Default: no bound. */
  concurrentRequests?: number | undefined;
  /** Its holder may read paths of this machine and load models. */
  isLocal?: boolean | undefined;
}

/** 20 characters that people chose may hold less than 64 bits; that many random ones cannot be guessed over a network. */
const MIN_KEY_LENGTH = 20;
/** Threat: a header of many kilobytes, hashed for nothing. */
const MAX_KEY_LENGTH = 512;

/** The prefix is for tools that look for secrets in the wrong places. */
export function newApiKey(): string {
  return `vikhr_${randomBytes(32).toString("base64url")}`;
}

/** Throws InputError for a key that could be guessed; `place` says where it stands, and not what it is. */
export function hashApiKey(key: string, place: string): Buffer {
  if (key.length < MIN_KEY_LENGTH || key.length > MAX_KEY_LENGTH || !/^[\x21-\x7e]+$/.test(key))
    throw new InputError(
      `${place} is no safe key: give ${MIN_KEY_LENGTH} to ${MAX_KEY_LENGTH} letters, digits and signs without spaces; vikhr keys new makes one`,
    );
  return sha256(key);
}

/** A key with what its holder does just now. */
export class Client {
  readonly key: ApiKey;
  readonly bucket: TokenBucket | undefined;
  #active = 0;

  constructor(key: ApiKey, now?: () => number) {
    this.key = key;
    this.bucket =
      key.requestsPerMinute === undefined ? undefined : new TokenBucket(key.requestsPerMinute, now);
  }

  /** Begins a request; gives the function that ends it. Throws a RequestError (429) where there are too many. */
  enter(): () => void {
    const { concurrentRequests: most = Number.POSITIVE_INFINITY, requestsPerMinute } = this.key;
    if (this.#active >= most)
      throw tooMany(`${most} requests of this key are under way, which is the most at one time`, 1);
    const bucket = this.bucket?.take() ?? { taken: true };
    if (!bucket.taken)
      throw tooMany(`this key may send ${requestsPerMinute} requests a minute`, bucket.retryAfter);
    this.#active++;
    return () => {
      this.#active--;
    };
  }
}

export class ApiKeys {
  readonly #clients: Client[];

  constructor(keys: readonly ApiKey[], now?: () => number) {
    this.#clients = keys.map((key) => new Client(key, now));
  }

  /** Takes the same time for every key of one length: no comparison ends early. */
  find(key: string): Client | undefined {
    if (key.length > MAX_KEY_LENGTH) return undefined;
    const hash = sha256(key);
    let found: Client | undefined;
    for (const client of this.#clients) if (timingSafeEqual(client.key.hash, hash)) found = client;
    return found;
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function tooMany(what: string, retryAfter: number): RequestError {
  const seconds = Math.max(1, Math.ceil(retryAfter));
  return new RequestError(`${what}: try again in ${seconds} s`, {
    status: 429,
    code: "rate_limit_exceeded",
    retryAfter: seconds,
  });
}
