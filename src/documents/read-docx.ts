/** A DOCX file's bytes in, its text as HTML out: headings, lists and tables are kept, pictures are not. */
import { InputError } from "../errors.ts";
import { readZip } from "./read-zip.ts";

/** Throws InputError where it is damaged, protected, or too large. */
export async function readDocx(bytes: Buffer, maxBytes?: number): Promise<string> {
  // mammoth unpacks without bounds: this finds out beforehand what that comes to. Any name may be the text's.
  await readZip(bytes, () => true, maxBytes);
  const { default: mammoth } = await import("mammoth");
  const convertImage = mammoth.images.imgElement(async () => ({ src: "" }));
  try {
    const { value } = await mammoth.convertToHtml({ buffer: bytes }, { convertImage });
    return value.replace(/<img[^>]*>/g, "");
  } catch (error) {
    throw new InputError(`it is damaged: ${(error as Error).message}`, { cause: error });
  }
}
