/**
 * A file of somebody's documents in, a response that shows it and lets it do nothing out: types come from a fixed list,
 * what a browser would run is sent as text, and scripts, forms and other sites are off.
 */
import { open } from "node:fs/promises";
import { basename, extname } from "node:path";
import { Readable } from "node:stream";
import { NotFoundError } from "../errors.ts";
import { RequestError } from "./openai-error.ts";

const TYPES: Record<string, string> = {
  ".pdf": "application/pdf",
  ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  ".epub": "application/epub+zip",
};

/** Threat: HTML, SVG and XML with scripts. */
const TEXT = "text/plain; charset=utf-8";

/** Whole, or the range of bytes that is asked for. Throws NotFoundError where there is no such file. */
export async function sendFile(request: Request, path: string): Promise<Response> {
  const file = await open(path, "r").catch((cause: Error) => {
    throw new NotFoundError(`${path} cannot be read any more: ${cause.message}`, { cause });
  });
  try {
    const { size } = await file.stat();
    const range = rangeOf(request.headers.get("range"), size);
    const { start, end } = range ?? { start: 0, end: size };
    const type = TYPES[extname(path).toLowerCase()] ?? TEXT;
    const headers = {
      "content-type": type,
      "content-length": `${end - start}`,
      "content-disposition": disposition(type, basename(path)),
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": "private, no-cache",
      "accept-ranges": "bytes",
      ...(range && { "content-range": `bytes ${start}-${end - 1}/${size}` }),
    };
    const status = range ? 206 : 200;
    if (request.method === "HEAD" || start === end) {
      await file.close();
      return new Response(null, { status, headers });
    }
    const stream = file.createReadStream({ start, end: end - 1 });
    return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, { status, headers });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** One range of bytes, the end excluded; undefined: all of it. Several at once, and what is no range, mean all of it. */
function rangeOf(header: string | null, size: number): { start: number; end: number } | undefined {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (start < end) return { start, end };
  throw new RequestError(`the file has ${size} bytes, and none in the range that is asked for`, {
    status: 416,
  });
}

/** RFC 6266: a name in ASCII for old clients, and the real one. */
function disposition(type: string, name: string): string {
  const kind = type === TEXT || type === TYPES[".pdf"] ? "inline" : "attachment";
  const ascii = name.replace(/[^\w .()-]/g, "_");
  // Halves of characters cannot be encoded; the system's names may have them.
  const encoded = encodeURIComponent(name.replace(/\p{Cs}/gu, "_")).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16)}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
