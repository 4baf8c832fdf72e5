/** A PDF's bytes in, the text of its pages out, and its title. */
import { InputError } from "../errors.ts";

export interface Pages {
  title: string | null;
  pages: string[];
}

/** Throws InputError where it is damaged, needs a password, or holds no text (a scan). */
export async function readPdf(bytes: Buffer): Promise<Pages> {
  const { extractText, getDocumentProxy, getMeta } = await import("unpdf");
  try {
    // 0: complaints about damaged files go nowhere, not to our output.
    const pdf = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, isEvalSupported: false });
    const { text: pages } = await extractText(pdf, { mergePages: false });
    if (pages.every((page) => page.trim() === ""))
      throw new InputError("it holds no text, only pictures: recognise it (OCR) first");
    const { info } = await getMeta(pdf).catch(() => ({ info: {} as Record<string, unknown> }));
    const title = typeof info.Title === "string" ? info.Title.trim() : "";
    return { title: title || null, pages };
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { name, message } = error as Error;
    if (name === "PasswordException") throw new InputError("it is protected by a password", { cause: error });
    throw new InputError(`it is damaged: ${message}`, { cause: error });
  }
}
