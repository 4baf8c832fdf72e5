/** Bytes in, text out, whatever of the usual encodings they are in; what is no text is refused. */
import iconv from "iconv-lite";
import jschardet from "jschardet";
import { InputError } from "../errors.ts";

/** What the encoding is guessed from. */
const SAMPLE_BYTES = 64 * 1024;

/** Most characters that no text has, of a thousand. */
const MAX_STRANGE = 10;

const BYTE_ORDER_MARKS: [encoding: string, bytes: number[]][] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** UTF-8 and UTF-16, or by guess windows-1251, IBM866, KOI8-R and others; without a byte order mark, lines as they are. */
export function decodeText(bytes: Uint8Array): string {
  const marked = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte));
  const encoding = marked?.[0] ?? (isUtf8(bytes) ? "utf-8" : guess(bytes));
  const text = iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), encoding);
  if (strangeOf(text) > MAX_STRANGE) throw new InputError("it is not text, or in an unknown encoding");
  return text;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // UTF-16 without its mark may be valid UTF-8 with a NUL at every letter.
    return !bytes.subarray(0, SAMPLE_BYTES).includes(0);
  } catch {
    return false;
  }
}

function guess(bytes: Uint8Array): string {
  const sample = bytes.subarray(0, SAMPLE_BYTES & ~1);
  const wide = byteOrder(sample);
  if (wide) return wide;
  const { encoding } = jschardet.detect(Buffer.from(sample));
  return encoding && iconv.encodingExists(encoding) ? encoding : "windows-1251";
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

/** Control characters and what could not be decoded, of a thousand. */
function strangeOf(text: string): number {
  const sample = text.slice(0, SAMPLE_BYTES);
  const strange = sample.match(/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\uFFFD]/g)?.length ?? 0;
  return (1000 * strange) / Math.max(1, sample.length);
}
