/**
 * What an answer is to be given from: nothing but the model, documents that came with the request, or a collection; and
 * the dialogue that is left when the documents are taken out of it.
 */

import type { ChunkFilter } from "../../index/chunk-index.ts";
import { answererOf } from "../../rag/answerer-of.ts";
import type { Corpora } from "../../rag/corpora.ts";
import { GROUNDED_SYSTEM_PROMPT } from "../../spec/grounding.ts";
import type { GenerateOptions, LanguageModel } from "../../spec/language-model.ts";
import type { Message } from "../../spec/message.ts";
import { RequestError } from "../openai-error.ts";
import type { ServerParts } from "../server-parts.ts";
import { type ClientDocuments, readDocuments, readDocumentsMessage } from "../wire/documents.ts";
import { type ChoiceEvent, documentsChoice, freeChoice, type Start } from "./choice.ts";
import { collectionChoice } from "./collection-choice.ts";
import { modelNamed, noModel, QUOTES } from "./model-named.ts";

export type Grounds =
  | { kind: "none"; messages: readonly Message[] }
  | { kind: "documents"; messages: readonly Message[]; documents: ClientDocuments }
  | {
      kind: "collection";
      messages: readonly Message[];
      corpora: Corpora;
      name: string;
      filter: ChunkFilter | undefined;
    };

export interface Asked {
  messages: readonly Message[];
  /** As they came, and the field that they came in. */
  documents: readonly { value: unknown; param: string }[];
  collection: string | undefined;
  filter: ChunkFilter | undefined;
}

export interface Answering {
  /** What answers: a model's name, or `quotes`. */
  name: string;
  grounds: Grounds;
  start(options: GenerateOptions): Start;
}

/** Everything that can be refused is, before the answer begins: a RequestError, NotFoundError or OverloadedError. */
export function answering(parts: ServerParts, modelName: string | null | undefined, asked: Asked): Answering {
  const model = modelNamed(parts, modelName);
  const grounds = groundsOf(parts.corpora, asked);
  return {
    name: model?.name ?? QUOTES,
    grounds,
    start: (options) => (signal) => startChoice(grounds, model, { ...options, signal }),
  };
}

/** Roles of what the protocol itself says: in grounded mode its system prompt is fixed. */
const PROTOCOL_ROLES = new Set(["system", "developer", "documents"]);

/**
 * A client that sends the model card's own prompt does the two steps by itself: its messages, `documents` among them, go
 * to the model as they are. Any other `documents` message asks for both steps.
 */
function groundsOf(corpora: Corpora, asked: Asked): Grounds {
  const { messages, collection, filter } = asked;
  const isByHand = messages.some(
    ({ role, content }) => role === "system" && content === GROUNDED_SYSTEM_PROMPT,
  );
  const inMessages = messages.flatMap(({ role, content }, i) => {
    const param = `messages[${i}].content`;
    return role === "documents" && !isByHand
      ? [{ param, read: () => readDocumentsMessage(content, param) }]
      : [];
  });
  const beside = asked.documents
    .filter(({ value }) => value != null)
    .map(({ value, param }) => ({ param, read: () => readDocuments(value, param) }));
  const [given, another] = [...beside, ...inMessages];
  if (another)
    throw new RequestError(`documents are given twice: leave out ${another.param}`, { param: another.param });
  if (given && collection !== undefined)
    throw new RequestError("documents and a collection are both given: ask one of them", {
      param: "collection",
    });
  if (!given && collection === undefined) return { kind: "none", messages };
  const dialogue = messages.filter(({ role }) => !PROTOCOL_ROLES.has(role));
  if (given)
    return {
      kind: "documents",
      messages: dialogue,
      documents: given.read(),
    };
  // Where there is none, it is told before the answer begins.
  corpora.collection(collection!);
  return { kind: "collection", messages: dialogue, corpora, name: collection!, filter };
}

/** Without a model, answers from documents are quotes, and others a RequestError. */
async function* startChoice(
  grounds: Grounds,
  model: LanguageModel | undefined,
  options: GenerateOptions,
): AsyncGenerator<ChoiceEvent> {
  const { kind, messages } = grounds;
  if (kind === "none") {
    yield* freeChoice(model ?? noModel(), { messages }, options);
  } else if (kind === "documents") {
    const answerer = await answererOf(model, "answerWithQuotes");
    yield* documentsChoice(answerer, messages, grounds.documents.documents, options);
  } else {
    const { corpora, name, filter } = grounds;
    yield* collectionChoice(corpora, { name, filter }, model, messages, options);
  }
}
