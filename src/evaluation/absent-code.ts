/** A code for the marks between texts that a judge reads: no text holds it, so none can forge a mark. */
import { createHash } from "node:crypto";

/** The first of a fixed row of codes that none of the texts holds. */
export function absentCode(texts: readonly string[]): string {
  for (let n = 0; ; n++) {
    const code = createHash("sha256").update(`mark ${n}`).digest("hex").slice(0, 12);
    if (!texts.some((text) => text.includes(code))) return code;
  }
}
