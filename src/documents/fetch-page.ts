/**
 * An http(s) address in, its bytes and the name that tells their format out. Whoever gives the address may mean this
 * machine's own network: private and loopback addresses are refused, whatever name, redirect or DNS answer they hide
 * behind, unless allowed.
 */
import { type LookupAddress, lookup } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { promisify } from "node:util";
import { type BrotliOptions, brotliDecompress, gunzip, inflate, type ZlibOptions } from "node:zlib";
import { InputError } from "../errors.ts";
import { charsetOfContentType } from "./declared-charset.ts";

export interface FetchPageOptions {
  /** For addresses of one's own network. Default false. */
  allowPrivate?: boolean;
  /** As they come, and unpacked. Default 64 MiB. */
  maxBytes?: number;
  /** For all of it, in milliseconds. Default 60,000. */
  timeout?: number;
  signal?: AbortSignal;
}

export interface FetchedPage {
  bytes: Buffer;
  /** ".html", ".pdf", ...: what the server says it is, else what its path ends with. */
  extension: string;
  /** What the server says a text is encoded in. */
  charset?: string | undefined;
}

/** What is meant as an address and not as a path. */
export const isAddress = (text: string) => /^https?:\/\//i.test(text);

const MAX_REDIRECTS = 5;

const MAX_BYTES = 64 * 1024 * 1024;

/** By the names of HTTP's content-encoding. */
const UNPACKERS = new Map([
  ["gzip", promisify<Buffer, ZlibOptions, Buffer>(gunzip)],
  ["x-gzip", promisify<Buffer, ZlibOptions, Buffer>(gunzip)],
  ["deflate", promisify<Buffer, ZlibOptions, Buffer>(inflate)],
  ["br", promisify<Buffer, BrotliOptions, Buffer>(brotliDecompress)],
]);

const EXTENSIONS: Record<string, string> = {
  "text/html": ".html",
  "application/xhtml+xml": ".html",
  "text/markdown": ".md",
  "text/plain": ".txt",
  "text/csv": ".csv",
  "application/json": ".json",
  "application/pdf": ".pdf",
  "application/epub+zip": ".epub",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
};

/** Addresses that are not of the public internet (RFC 6890), those of metadata services among them. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  PRIVATE.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
  // Teredo and 6to4 lead to IPv4 addresses.
  ["2001::", 32],
  ["2002::", 16],
] as const)
  PRIVATE.addSubnet(network, prefix, "ipv6");

/** True for what is not of the public internet, IPv4 inside IPv6 included. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  if (isIP(plain) === 0) return true;
  return PRIVATE.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
}

/** Throws InputError with what is wrong, without the address. */
export async function fetchPage(address: string, options: FetchPageOptions = {}): Promise<FetchedPage> {
  const { timeout = 60_000, signal } = options;
  const limit = AbortSignal.timeout(timeout);
  const both = signal ? AbortSignal.any([signal, limit]) : limit;
  try {
    return await follow(address, options, both);
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) throw new InputError(`it did not come within ${timeout / 1000} seconds`);
    if (error instanceof InputError) throw error;
    throw new InputError(`it cannot be reached: ${(error as Error).message}`, { cause: error });
  }
}

async function follow(address: string, options: FetchPageOptions, signal: AbortSignal): Promise<FetchedPage> {
  let url = parseUrl(address);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const { response, closed } = await send(url, options, signal);
    const { statusCode: status = 0, headers } = response;
    if (status >= 300 && status < 400 && headers.location !== undefined) {
      response.destroy();
      url = parseUrl(headers.location, url);
      continue;
    }
    if (status !== 200) {
      response.destroy();
      throw new InputError(`the server answers HTTP ${status}`);
    }
    const type = headers["content-type"];
    const body = await readAll(response, options);
    // Where the end of the connection is the end of the page, so is a stop, or a fault of the network, that cuts it.
    await closed;
    signal.throwIfAborted();
    const bytes = await unpack(body, headers["content-encoding"], options);
    return { bytes, extension: extensionOf(type, url), charset: charsetOfContentType(type) };
  }
  throw new InputError(`it is redirected more than ${MAX_REDIRECTS} times`);
}

/** Throws InputError with what is wrong, without the address. */
export function parseUrl(address: string, base?: URL): URL {
  const url = URL.canParse(address, base?.href) ? new URL(address, base) : undefined;
  if (!url) throw new InputError("it is no address: check it");
  if (!/^https?:$/.test(url.protocol)) throw new InputError("only http:// and https:// addresses are read");
  if (url.username !== "" || url.password !== "")
    throw new InputError("addresses with a name or password are not read");
  return url;
}

interface Sent {
  response: IncomingMessage;
  /** The connection is. Rejects where it failed, which the response need not tell. */
  closed: Promise<void>;
}

function send(url: URL, { allowPrivate }: FetchPageOptions, signal: AbortSignal): Promise<Sent> {
  // A literal address is not looked up.
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && isIP(literal) !== 0 && isPrivateAddress(literal)) throw privateAddress();
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  const headers = {
    accept: "text/html, text/*, */*;q=0.5",
    "accept-encoding": "identity",
    "user-agent": "vikhr",
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      headers,
      signal,
      agent: false,
      ...(!allowPrivate && { lookup: publicOnly }),
    });
    const closed = new Promise<void>((close, fail) => sent.once("close", close).once("error", fail));
    // Who gets no response, or does not read it whole, is not told of it here.
    closed.catch(() => undefined);
    sent
      .once("response", (response) => resolve({ response, closed }))
      .once("error", reject)
      .end();
  });
}

/** The address that is checked is the one that is connected to: a second DNS answer cannot differ. */
const publicOnly: LookupFunction = (hostname, options, callback) =>
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, "");
    if (addresses.some(({ address }) => isPrivateAddress(address))) return callback(privateAddress(), "");
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0]!.address, addresses[0]!.family);
  });

function privateAddress(): InputError {
  return new InputError(
    "it is an address of a private network: vikhr add and vikhr sync read those with --allow-private",
  );
}

async function readAll(
  response: IncomingMessage,
  { maxBytes = MAX_BYTES }: FetchPageOptions,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let total = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    total += piece.length;
    if (total > maxBytes) throw tooLarge(maxBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Some servers pack what they were asked not to. */
async function unpack(
  body: Buffer,
  contentEncoding = "",
  { maxBytes = MAX_BYTES }: FetchPageOptions,
): Promise<Buffer> {
  let bytes = body;
  // What was done last is named last.
  for (const name of contentEncoding.toLowerCase().split(",").reverse()) {
    const packing = name.trim();
    if (packing === "" || packing === "identity" || bytes.length === 0) continue;
    const unpacker = UNPACKERS.get(packing);
    if (!unpacker) throw new InputError(`the server packs it as ${JSON.stringify(packing.slice(0, 40))}`);
    try {
      bytes = await unpacker(bytes, { maxOutputLength: maxBytes });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
      throw new InputError(`it comes damaged: ${(cause as Error).message}`, { cause });
    }
  }
  return bytes;
}

function tooLarge(maxBytes: number): InputError {
  return new InputError(`it has more than ${maxBytes} bytes`);
}

function extensionOf(contentType: string | undefined, url: URL): string {
  const type = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  const ending = /\.[a-z0-9]{1,10}$/i.exec(url.pathname)?.[0].toLowerCase();
  // Servers say "text/plain" of all they do not know.
  if (type === "text/plain" && ending !== undefined) return ending;
  return EXTENSIONS[type] ?? ending ?? ".txt";
}
