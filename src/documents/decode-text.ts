/** Bytes in, text out, whatever of the usual encodings they are in; what is no text is refused. */
import iconv from "iconv-lite";
import jschardet from "jschardet";
import { InputError } from "../errors.ts";
import { cyrillicEncoding } from "./cyrillic-encoding.ts";
import { encodingNamed } from "./declared-charset.ts";

/** What the encoding is guessed from. */
const SAMPLE_BYTES = 64 * 1024;

/** Of ASCII on either side of what is not: its word, and more. */
const AROUND = 32;

/** Most characters that no text has, of a thousand. */
const MAX_STRANGE = 10;

/**
 * Characters beyond ASCII for each fault, from which bytes are UTF-8 with faults: a log that was cut, a line in another
 * encoding. Sentences in any other encoding have less than one.
 */
const RIGHT_FOR_FAULT = 2;

const BYTE_ORDER_MARKS: [encoding: string, bytes: number[]][] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/**
 * UTF-8 and UTF-16; else the first that is `declared`, by HTTP or in the text; else by guess windows-1251, IBM866, KOI8-R and
 * others. Without a byte order mark, lines as they are; U+FFFD for each fault in UTF-8.
 */
export function decodeText(bytes: Uint8Array, declared: readonly (string | undefined)[] = []): string {
  const unicode = asUnicode(bytes);
  const text = unicode ?? asDeclared(bytes, declared) ?? decode(bytes, guess(tellingBytes(bytes)));
  const { controls, faults } = tally(text);
  const strange = unicode === undefined ? controls + faults : controls;
  if (isMany(strange, text)) throw new InputError("it is not text, or in an unknown encoding");
  return text;
}

function asUnicode(bytes: Uint8Array): string | undefined {
  const marked = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte))?.[0];
  const encoding = marked ?? byteOrder(bytes.subarray(0, SAMPLE_BYTES & ~1));
  return encoding === undefined ? asUtf8(bytes) : decode(bytes, encoding);
}

/** UTF-16 has the same few high bytes at every second place: 0 in Latin text, 4 in Russian. */
function byteOrder(sample: Uint8Array): string | undefined {
  const high = [0, 0];
  for (const [i, byte] of sample.entries()) if (byte === 0 || byte === 4) high[i % 2]!++;
  const most = sample.length * 0.35;
  if (high[1]! > most && high[0]! < most / 2) return "utf-16le";
  if (high[0]! > most && high[1]! < most / 2) return "utf-16be";
  return undefined;
}

function asUtf8(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes);
  if (!text.includes("\uFFFD")) return text;
  const { right, faults } = tally(text);
  return right >= RIGHT_FOR_FAULT * faults ? text : undefined;
}

/** Unless the bytes say otherwise. */
function asDeclared(bytes: Uint8Array, declared: readonly (string | undefined)[]): string | undefined {
  for (const charset of declared) {
    const encoding = charset === undefined ? undefined : encodingNamed(charset);
    if (encoding === undefined) continue;
    const text = decode(bytes, encoding);
    if (!isMany(tally(text).faults, text)) return text;
  }
  return undefined;
}

function guess(bytes: Uint8Array): string {
  const cyrillic = cyrillicEncoding(bytes);
  if (cyrillic !== undefined) return cyrillic;
  const { encoding } = jschardet.detect(Buffer.from(bytes));
  return encoding && iconv.encodingExists(encoding) ? encoding : "windows-1251";
}

/** What is not ASCII, wherever it begins, with what stands around it. */
function tellingBytes(bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let end = 0;
  for (let at = 0; at < bytes.length && size < SAMPLE_BYTES; at++) {
    if (bytes[at]! < 0x80) continue;
    const start = Math.max(end, at - AROUND);
    end = Math.min(bytes.length, at + 1 + AROUND);
    pieces.push(bytes.subarray(start, end));
    size += end - start;
    at = end - 1;
  }
  return Buffer.concat(pieces);
}

function decode(bytes: Uint8Array, encoding: string): string {
  return iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), encoding);
}

const isMany = (strange: number, text: string) => 1000 * strange > MAX_STRANGE * text.length;

/** Control characters that no text has, what could not be decoded, and what could and is not ASCII. */
function tally(text: string): { controls: number; faults: number; right: number } {
  let [controls, faults, right] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0xfffd) faults++;
    else if (unit > 0x7f) right++;
    else if (unit === 0x7f || unit < 9 || (unit > 13 && unit < 32 && unit !== 0x1b)) controls++;
  }
  return { controls, faults, right };
}
