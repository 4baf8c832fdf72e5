/** A PDF of two kilobytes: one page, drawn by so many MiB of zeros, packed twice. Without a table of its objects. */
import { constants, deflateSync } from "node:zlib";

export function bombPdf(size: number): Buffer {
  const drawing = deflateSync(zeros(size));
  return Buffer.concat([
    Buffer.from(`%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >> endobj
4 0 obj << /Length ${drawing.length} /Filter [/FlateDecode /FlateDecode] >>
stream
`),
    drawing,
    Buffer.from("\nendstream endobj\ntrailer << /Root 1 0 R /Size 5 >>\n%%EOF"),
  ]);
}

/** The same MiB, packed by itself, again and again: nobody unpacks them here, and no reader asks for the checksum. */
function zeros(size: number): Buffer {
  const HEADER = 2;
  const one = deflateSync(Buffer.alloc(1024 * 1024), { finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat([one.subarray(0, HEADER), ...Array<Buffer>(size).fill(one.subarray(HEADER))]);
}
