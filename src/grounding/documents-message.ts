/** Documents as the message that the models were trained on: role `documents`, a JSON array in Python's spelling. */
import type { GroundingDocument } from "../spec/document.ts";
import type { Message } from "../spec/message.ts";
import { pythonJson } from "../util/python-json.ts";

export function documentsMessage(documents: readonly GroundingDocument[]): Message {
  const rows = documents.map(({ docId, title, content }) => ({ doc_id: docId, title, content }));
  return { role: "documents", content: pythonJson(rows) };
}
