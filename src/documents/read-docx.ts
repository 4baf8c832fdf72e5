/** A DOCX file's bytes in, its text as HTML out: headings, lists and tables are kept, pictures are not. */
import { InputError } from "../errors.ts";
import { readZip } from "./read-zip.ts";

/** How a compound file begins (MS-CFB 2.2): Word puts what a password protects into one, and once put all files there. */
const COMPOUND_FILE = Buffer.from("d0cf11e0a1b11ae1", "hex");

/** Throws InputError where it is damaged, protected, or too large. */
export async function readDocx(bytes: Buffer, maxBytes?: number): Promise<string> {
  if (bytes.subarray(0, COMPOUND_FILE.length).equals(COMPOUND_FILE))
    throw new InputError(
      "it is protected by a password, or has the format of Word 97: save it as .docx without one",
    );
  // mammoth unpacks without bounds: this finds out beforehand what that comes to. Any name may be the text's.
  await readZip(bytes, () => true, maxBytes);
  const { default: mammoth } = await import("mammoth");
  const convertImage = mammoth.images.imgElement(async () => ({ src: "" }));
  try {
    const { value } = await mammoth.convertToHtml({ buffer: bytes }, { convertImage });
    return value.replace(/<img[^>]*>/g, "");
  } catch (error) {
    if (error instanceof RangeError)
      throw new InputError("it nests its elements too deep to be read", { cause: error });
    throw new InputError(`it is damaged: ${(error as Error).message}`, { cause: error });
  }
}
