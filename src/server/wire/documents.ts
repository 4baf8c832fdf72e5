/**
 * Documents as clients send them, in the shapes of Vikhr's model card, of Cohere's v2 API and of chat templates (vLLM) ->
 * documents for grounding, 0 to n - 1; and the way back from those numbers, and from places in their texts, to the ids and
 * texts that the client knows. Long ones are cut into several, which all lead back to the one.
 */
import { chunkDocument } from "../../chunking/chunk-document.ts";
import type { CitationSource, GroundingDocument, Span } from "../../spec/document.ts";
import { MAX_DOCUMENT_CHARACTERS } from "../../spec/grounding.ts";
import { printable } from "../../util/printable.ts";
import { RequestError } from "../openai-error.ts";

export interface ClientDocument {
  /** The client's; where it gave none, its place in the list, which Cohere spells "doc:0". */
  id: number | string;
  title: string | null;
  content: string;
  /** What the client gave of it beside the id, by name. */
  fields: Readonly<Record<string, unknown>>;
}

/** A place in a document of the client's, in UTF-16 code units of its `content`. */
export interface ClientPlace extends Span {
  document: ClientDocument;
}

export interface ClientDocuments {
  /** As the client gave them. */
  given: readonly ClientDocument[];
  /** What is asked: as many as `given`, or more. */
  documents: readonly GroundingDocument[];
  documentOf(docId: number): ClientDocument;
  placeOf(source: CitationSource): ClientPlace;
}

/** More belong into a collection, which is searched. */
const MAX_DOCUMENTS = 1000;

/** `documents`, as its JSON came. `param` names it in errors: `documents[2].content`. */
export function readDocuments(documents: unknown, param = "documents"): ClientDocuments {
  if (!Array.isArray(documents))
    throw malformed(
      param,
      "must be an array of {doc_id, title, content}, {id, data}, {title, text} or strings",
    );
  if (documents.length === 0) throw malformed(param, "has no documents: give at least one, or leave it out");
  if (documents.length > MAX_DOCUMENTS)
    throw malformed(
      param,
      `has ${documents.length} documents, and ${MAX_DOCUMENTS} are allowed: add them to a collection`,
    );
  // Not `map`: it would pass over holes.
  const given = Array.from(documents, (document: unknown, i) => readDocument(document, i, `${param}[${i}]`));
  checkIds(given, param);
  const chunks = given.flatMap((document, i) => chunksOf(document, `${param}[${i}]`));
  if (chunks.length === 0) throw malformed(param, "hold no text");
  return {
    given,
    documents: chunks.map(({ title, content }, docId) => ({ docId, title, content })),
    documentOf: (docId) => chunks[docId]!.document,
    placeOf({ docId, start, end }) {
      const { document, offset } = chunks[docId]!;
      return { document, start: offset + start, end: offset + end };
    },
  };
}

/** The model card's way: the same as a JSON text, the content of a message of role `documents`; `param` is its place. */
export function readDocumentsMessage(content: string, param: string): ClientDocuments {
  let documents: unknown;
  try {
    documents = JSON.parse(content);
  } catch (error) {
    throw malformed(
      param,
      `must be a JSON array of {doc_id, title, content}: ${printable((error as Error).message)}`,
    );
  }
  return readDocuments(documents, param);
}

interface ClientChunk {
  document: ClientDocument;
  title: string | null;
  content: string;
  /** Where `content` begins in the document's. */
  offset: number;
}

function chunksOf(document: ClientDocument, param: string): ClientChunk[] {
  const { title, content } = document;
  if (title !== null && title.length > MAX_DOCUMENT_CHARACTERS)
    throw malformed(
      `${param}.title`,
      `has ${title.length} characters, and ${MAX_DOCUMENT_CHARACTERS} are allowed: shorten it`,
    );
  if (content.length <= MAX_DOCUMENT_CHARACTERS) return [{ document, title, content, offset: 0 }];
  const format = /^\s*<[a-z!]/i.test(content) ? "html" : "markdown";
  return chunkDocument({ source: param, title, format, text: content }).map((chunk) => ({
    document,
    title: chunk.title,
    content: chunk.text,
    offset: chunk.start,
  }));
}

function readDocument(document: unknown, place: number, param: string): ClientDocument {
  if (typeof document === "string")
    return { id: `doc:${place}`, title: null, content: document, fields: { text: document } };
  if (!isObject(document)) throw malformed(param, "must be an object or a string");
  if (Object.hasOwn(document, "data")) return readCohere(document, place, param);
  const idName = ["doc_id", "id"].find((name) => Object.hasOwn(document, name));
  const textName = TEXT_NAMES.find((name) => Object.hasOwn(document, name));
  if (textName === undefined)
    throw malformed(`${param}.content`, "is missing: give the text of the document");
  const title = titleOf(document, param);
  const content = document[textName];
  if (typeof content !== "string") throw malformed(`${param}.${textName}`, "must be a string");
  const id = idName === undefined ? place : readId(document[idName], `${param}.${idName}`);
  return { id, title, content, fields: { ...(title === null ? {} : { title }), [textName]: content } };
}

/** The first that is there. */
const TEXT_NAMES = ["content", "text", "contents", "snippet"];

/** `data` is a text, or fields of which one is the text; the model sees the others in lines of their own behind it. */
function readCohere(document: Record<string, unknown>, place: number, param: string): ClientDocument {
  const { data } = document;
  const own = Object.hasOwn(document, "id") ? document.id : undefined;
  const id = own === undefined || own === null ? `doc:${place}` : readId(own, `${param}.id`);
  if (typeof data === "string") return { id, title: null, content: data, fields: { text: data } };
  if (!isObject(data)) throw malformed(`${param}.data`, "must be an object or a string");
  const title = titleOf(data, `${param}.data`);
  const textName = TEXT_NAMES.find((name) => Object.hasOwn(data, name) && typeof data[name] === "string");
  const text = textName === undefined ? "" : (data[textName] as string);
  const lines = Object.entries(data)
    .filter(([name, value]) => name !== "title" && name !== textName && value !== undefined)
    .map(
      ([name, value]) =>
        `${name}: ${typeof value === "string" ? value : spell(value, `${param}.data.${name}`)}`,
    );
  const content = [...(text === "" ? [] : [text]), ...lines].join("\n");
  if (content === "") throw malformed(`${param}.data`, "has no text");
  return { id, title, content, fields: data };
}

function titleOf(fields: Record<string, unknown>, param: string): string | null {
  const title = Object.hasOwn(fields, "title") ? (fields.title ?? null) : null;
  if (title !== null && typeof title !== "string")
    throw malformed(`${param}.title`, "must be a string or null");
  return title;
}

function readId(id: unknown, param: string): number | string {
  const isNumber = Number.isSafeInteger(id) && (id as number) >= 0;
  if (!isNumber && (typeof id !== "string" || id === ""))
    throw malformed(param, "must be a whole number from 0, or a string");
  return id as number | string;
}

function checkIds(given: readonly ClientDocument[], param: string): void {
  const places = new Map<number | string, number>();
  for (const [i, { id }] of given.entries()) {
    const earlier = places.get(id);
    if (earlier !== undefined)
      throw malformed(
        `${param}[${i}]`,
        `has the id ${printable(String(id))}, which ${param}[${earlier}] has already: give every document its own`,
      );
    places.set(id, i);
  }
}

/** What JSON nests deeply it can read, and not write. */
function spell(value: unknown, param: string): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw malformed(param, "is no JSON, or is nested too deeply");
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(param: string, problem: string): RequestError {
  const path = printable(param);
  return new RequestError(`${path} ${problem}`, { param: path });
}
