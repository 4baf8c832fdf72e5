/** A request that sends documents in, what shall be done with its collection out. */
import { isAbsolute } from "node:path";
import { z } from "@hono/zod-openapi";
import { isAddress } from "../documents/fetch-page.ts";
import { InputError } from "../errors.ts";
import { linkedSource } from "../index/linked-source.ts";
import type { SyncResult } from "../index/sync.ts";
import type { ChangeOptions, Corpora } from "../rag/corpora.ts";
import { textFile, type Uploads } from "../rag/uploads.ts";
import type { FileContent } from "../util/write-file-atomic.ts";
import { boundaryOf, readMultipart } from "./multipart.ts";
import { RequestError } from "./openai-error.ts";
import { checked, mediaType, readBody, readJson } from "./read-body.ts";
import { sourcesSchema, textsSchema } from "./wire/documents-api.ts";

export interface ReceiveOptions {
  collection: string;
  /** Of the whole body. */
  maxBytes: number;
  /** Paths of this machine may be read. */
  isLocal: boolean;
}

/** JSON is in memory as a whole, several times. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;

type Change = (options: ChangeOptions) => Promise<SyncResult>;

/** Resolves when all has come; the collection is changed by what it resolves to. */
export async function receiveDocuments(
  corpora: Corpora,
  request: Request,
  options: ReceiveOptions,
): Promise<Change> {
  const { collection, maxBytes } = options;
  const type = mediaType(request.headers.get("content-type"));
  if (type === "multipart/form-data")
    return toUploads(corpora, collection, (uploads) => receiveFiles(request, uploads, maxBytes));
  if (type !== "application/json")
    throw new RequestError("send files as multipart/form-data in the field file, or JSON", { status: 415 });
  const body = await readJson(request, z.looseObject({}), Math.min(maxBytes, MAX_JSON_BYTES));
  if ("sources" in body) return toSources(corpora, options, checked(sourcesSchema, body).sources);
  const { documents } = checked(textsSchema, body);
  return toUploads(corpora, collection, async (uploads) => {
    for (const [i, document] of documents.entries()) {
      const { name, content } = textFile(document);
      await add(uploads, name, content, `documents[${i}].name`);
    }
  });
}

async function toUploads(
  corpora: Corpora,
  collection: string,
  receive: (uploads: Uploads) => Promise<void>,
): Promise<Change> {
  const uploads = corpora.uploads();
  try {
    await receive(uploads);
  } catch (error) {
    await uploads.discard();
    throw error;
  }
  return async (options) => {
    try {
      return await corpora.addUploads(collection, uploads, options);
    } finally {
      await uploads.discard();
    }
  };
}

async function receiveFiles(request: Request, uploads: Uploads, maxBytes: number): Promise<void> {
  const boundary = boundaryOf(request.headers.get("content-type")!);
  for await (const { name, fileName, content } of readMultipart(boundary, readBody(request, maxBytes))) {
    if (name !== "file") continue;
    if (fileName === undefined) throw new RequestError("file: it has no file name", { param: "file" });
    await add(uploads, fileName, content, "file");
  }
  if (uploads.count === 0) throw new RequestError("file: there is no file in it", { param: "file" });
}

async function add(uploads: Uploads, name: string, content: FileContent, param: string): Promise<void> {
  try {
    await uploads.add(name, content);
  } catch (error) {
    if (error instanceof InputError) throw new RequestError(`${param}: ${error.message}`, { param });
    throw error;
  }
}

function toSources(
  corpora: Corpora,
  { collection, isLocal }: ReceiveOptions,
  paths: readonly string[],
): Change {
  if (!isLocal)
    throw new RequestError(
      "paths and addresses are added where the server runs: send the files, or use vikhr add",
      {
        status: 403,
        param: "sources",
      },
    );
  const sources = paths.map((path, i) => {
    const param = `sources[${i}]`;
    if (path.includes("\0") || (!isAddress(path) && !isAbsolute(path)))
      throw new RequestError(`${param}: it is neither an absolute path nor an http(s) address`, { param });
    return linkedSource(path);
  });
  return (options) => corpora.addSources(collection, sources, options);
}
