/** What a text is said to be encoded in: by HTTP's content-type, by HTML's meta, by XML's first line. */
import iconv from "iconv-lite";

/** Browsers want it in the first 1024; not every page keeps to that. */
const MARKUP_BYTES = 4096;

export function charsetOfContentType(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType ?? "")?.[1];
}

/** `<meta charset>`, `<meta http-equiv content>`, or `<?xml encoding?>`. */
export function charsetOfMarkup(bytes: Uint8Array): string | undefined {
  const markup = Buffer.from(bytes.subarray(0, MARKUP_BYTES))
    .toString("latin1")
    .replace(/<!--[\s\S]*?-->/g, "");
  const found =
    /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]+)/i.exec(markup) ??
    /<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(markup);
  return found?.[1];
}

/** As browsers understand names, "latin1" for windows-1252; nothing for Unicode, which bytes themselves tell. */
export function encodingNamed(charset: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(charset);
    return iconv.encodingExists(encoding) && !encoding.startsWith("utf-") ? encoding : undefined;
  } catch {
    return undefined;
  }
}
