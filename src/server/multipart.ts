/**
 * A body of multipart/form-data in (RFC 7578, as browsers write it), its parts out, one after the other, while it comes:
 * of a file of any size only a piece is in memory. (The platform's own formData() takes three times the body.)
 */
import { RequestError } from "./openai-error.ts";

export interface Part {
  /** Of the field. */
  name: string;
  /** Undefined: the part is no file. */
  fileName: string | undefined;
  /** Read before the next part is asked for, or dropped. */
  content: AsyncIterable<Uint8Array>;
}

const MAX_HEADER_BYTES = 16 * 1024;

/** Throws RequestError. The boundary of a Content-Type. */
export function boundaryOf(contentType: string): string {
  const match = /;\s*boundary=(?:"([^"\\]{1,70})"|([^\s;"]{1,70})(?![^\s;]))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw malformed("its Content-Type has no boundary");
  return boundary;
}

/** Throws RequestError where the body is malformed or ends too soon. */
export async function* readMultipart(
  boundary: string,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Part, void, undefined> {
  const scan = new Scan(body);
  const delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  for await (const _ of scan.until(delimiter));
  for (;;) {
    const header = await scan.header(delimiter);
    if (header === undefined) return;
    yield { ...disposition(header), content: scan.until(delimiter) };
    if (!scan.isPastMark) for await (const _ of scan.until(delimiter));
  }
}

class Scan {
  readonly #pieces: AsyncIterator<Uint8Array>;
  /** A delimiter begins with a line break, and the first one may stand at the very beginning. */
  #buffer: Buffer = Buffer.from("\r\n");
  /** Somebody read up to the last mark. */
  isPastMark = false;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#pieces = body[Symbol.asyncIterator]();
  }

  /** What comes before `mark`; the mark is taken, too. */
  async *until(mark: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const at = this.#buffer.indexOf(mark);
      const end = at >= 0 ? at : this.#buffer.length - mark.length + 1;
      const piece = this.#buffer.subarray(0, Math.max(0, end));
      this.#buffer = this.#buffer.subarray(at >= 0 ? at + mark.length : piece.length);
      this.isPastMark = at >= 0;
      // Before the yield all is as it shall be: whoever reads may stop here.
      if (piece.length > 0) yield piece;
      if (at >= 0) return;
      await this.#more();
    }
  }

  /** Of the part that begins here, after `delimiter`; undefined after the last. */
  async header(delimiter: Buffer): Promise<string | undefined> {
    while (this.#buffer.length < 2) await this.#more();
    if (this.#buffer.toString("latin1", 0, 2) === "--") return undefined;
    const header = await this.#upToEmptyLine();
    // Else a line of a file that only begins like one would end it, and what is half a file would be kept as a whole.
    if (!/^[ \t]*(\r\n|$)/.test(header.toString("latin1")))
      throw malformed("in the line of a boundary there is something else");
    if (header.includes(delimiter)) throw malformed("the header of a part does not end");
    this.isPastMark = false;
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(header);
    } catch {
      throw malformed("the header of a part is not UTF-8");
    }
  }

  async #upToEmptyLine(): Promise<Buffer> {
    for (;;) {
      const end = this.#buffer.indexOf("\r\n\r\n");
      // Some of the mark may be there already: what is refused does not depend on the pieces.
      if ((end < 0 ? this.#buffer.length - 3 : end) > MAX_HEADER_BYTES)
        throw malformed("the header of a part is too long");
      if (end >= 0) {
        const header = this.#buffer.subarray(0, end);
        this.#buffer = this.#buffer.subarray(end + 4);
        return header;
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#pieces.next();
    if (done) throw malformed("it ends before its last boundary");
    this.#buffer = Buffer.concat([this.#buffer, value]);
  }
}

function disposition(header: string): Omit<Part, "content"> {
  // Lines end as HTTP's do: a name may hold what other texts break lines at.
  const lines = header.split("\r\n");
  const line = lines.find((one) => /^content-disposition:[ \t]*form-data[ \t]*;/i.test(one));
  const name = line && parameter(line, "name");
  if (line === undefined || name === undefined) throw malformed("a part has no name");
  return { name, fileName: extendedParameter(line, "filename") ?? parameter(line, "filename") };
}

/** As browsers write it: %22, %0D and %0A stand in a name for what would end it, and a backslash for itself. */
function parameter(line: string, key: string): string | undefined {
  const match = new RegExp(`;[ \\t]*${key}=(?:"([^"]*)"|([^\\s;"]+))`, "i").exec(line);
  const quoted = match?.[1]?.replace(/%(22|0D|0A)/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return quoted ?? match?.[2];
}

/** `filename*=UTF-8''...` (RFC 5987), which some clients write for what is not ASCII. */
function extendedParameter(line: string, key: string): string | undefined {
  const value = new RegExp(`;[ \\t]*${key}\\*=utf-8'[^']*'([^\\s;]*)`, "i").exec(line)?.[1];
  if (value === undefined) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    throw malformed("the name of a file is not UTF-8");
  }
}

function malformed(what: string): RequestError {
  return new RequestError(`the multipart body is malformed: ${what}`);
}
