/** The server's endpoints that the page uses, one function each. */
import { RequestFailed, send, sendForEvents, sendJson } from "./client.ts";
import type {
  ChatMessage,
  CollectionInfo,
  DocumentInfo,
  DocumentText,
  Health,
  IngestProgress,
  IngestReport,
  KnownModel,
  PullProgress,
} from "./wire.ts";

export interface Sampling {
  temperature?: number;
  seed?: number;
  max_tokens?: number;
  beams?: number;
}

type Signal = AbortSignal | undefined;

const inCollection = (collection: string) => `collection=${encodeURIComponent(collection)}`;

export const health = (signal?: Signal) => sendJson<Health>("/health", { signal });

export async function collections(): Promise<CollectionInfo[]> {
  return (await sendJson<{ data: CollectionInfo[] }>("/v1/collections")).data;
}

export const makeCollection = (name: string) =>
  sendJson<CollectionInfo>("/v1/collections", { body: { name } });

export const deleteCollection = (name: string) =>
  send(`/v1/collections/${encodeURIComponent(name)}`, { method: "DELETE" });

export async function documents(collection: string): Promise<DocumentInfo[]> {
  return (await sendJson<{ data: DocumentInfo[] }>(`/v1/documents?${inCollection(collection)}`)).data;
}

export const readDocument = (collection: string, id: string, signal?: Signal) =>
  sendJson<DocumentText>(`/v1/documents/${encodeURIComponent(id)}?${inCollection(collection)}`, { signal });

/** Its bytes, as a browser opens them; `page` for a PDF. */
export function fileAddress(collection: string, id: string, page?: number): string {
  const address = `/v1/documents/${encodeURIComponent(id)}/file?${inCollection(collection)}`;
  return page === undefined ? address : `${address}#page=${page}`;
}

export const deleteDocument = (collection: string, id: string) =>
  send(`/v1/documents/${encodeURIComponent(id)}?${inCollection(collection)}`, { method: "DELETE" });

export const unlinkSource = (collection: string, source: string) =>
  send(`/v1/documents?${inCollection(collection)}&source=${encodeURIComponent(source)}`, {
    method: "DELETE",
  });

/** Files of this person, or folders and addresses that the server reads itself. */
export async function ingest(
  collection: string,
  what: readonly File[] | { sources: string[] },
  onProgress: (progress: IngestProgress) => void,
  signal: AbortSignal,
): Promise<IngestReport> {
  const body = "sources" in what ? what : formOf(what);
  return lastOf<IngestProgress, IngestReport>(
    `/v1/documents?${inCollection(collection)}`,
    body,
    onProgress,
    signal,
  );
}

export async function knownModels(): Promise<KnownModel[]> {
  return (await sendJson<{ data: KnownModel[] }>("/v1/models/known")).data;
}

export const loadModel = (model: string) => send("/v1/models/load", { body: { model } });

export const pullModel = (model: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal) =>
  lastOf<PullProgress, unknown>("/v1/models/pull", { model }, onProgress, signal);

export const ask = (
  request: { messages: ChatMessage[]; collection: string } & Sampling,
  signal: AbortSignal,
) => sendForEvents("/v1/ask", { body: { ...request, stream: true }, signal });

export const chat = (request: { messages: ChatMessage[]; model: string } & Sampling, signal: AbortSignal) =>
  sendForEvents("/v1/chat/completions", { body: { ...request, stream: true }, signal });

function formOf(files: readonly File[]): FormData {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name);
  return form;
}

async function lastOf<P, D>(
  path: string,
  body: unknown,
  onProgress: (progress: P) => void,
  signal: AbortSignal,
): Promise<D> {
  for await (const { event, data } of sendForEvents(path, { body, signal }))
    if (event === "progress") onProgress(data as P);
    else if (event === "done") return data as D;
  throw new RequestFailed("unreachable", "the server ended before it was done");
}
