/**
 * XQuAD's JSON (SQuAD 1.1's shape) in, a test set out: every question twice, its own paragraph among others of the
 * file, and others alone. Deterministic: every draw is a hash.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import type { GroundingDocument } from "../spec/document.ts";
import { MAX_DOCUMENT_CHARACTERS, REFUSALS } from "../spec/grounding.ts";
import { shuffledByHash } from "../util/draw-by-hash.ts";
import { type GroundedTestRow, languageOf } from "./grounded-test-row.ts";

/** Documents beside each question. */
const DOCUMENTS = 5;

const question = z.object({
  id: z.string().min(1),
  question: z.string().min(1),
  answers: z.array(z.object({ text: z.string().min(1) })).min(1),
});

const file = z.object({
  data: z.array(z.object({ paragraphs: z.array(z.object({ context: z.string(), qas: z.array(question) })) })),
});

/** `json` is what the file holds, `path` names it in errors. Paragraphs are cut to what a document may hold. */
export function xquadRows(json: unknown, path: string): GroundedTestRow[] {
  const parsed = file.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new InputError(`${path}: ${issue.path.join(".") || "file"}: ${issue.message}`);
  }
  const paragraphs = parsed.data.data.flatMap((article) => article.paragraphs);
  const contents = paragraphs.map(({ context }) => context.slice(0, MAX_DOCUMENT_CHARACTERS));
  if (new Set(contents).size < 2) throw new InputError(`${path}: two paragraphs are needed at least`);
  return paragraphs.flatMap(({ qas }, own) =>
    qas.flatMap(({ id, question, answers }) => {
      // What the cut took cannot be asked.
      const spans = [...new Set(answers.map(({ text }) => text))].filter((text) =>
        contents[own]!.includes(text),
      );
      return spans.length === 0 ? [] : bothRows({ id, question, spans, own, contents });
    }),
  );
}

interface Asked {
  id: string;
  question: string;
  spans: string[];
  /** Index of the paragraph that answers. */
  own: number;
  contents: readonly string[];
}

function bothRows({ id, question, spans, own, contents }: Asked): GroundedTestRow[] {
  const others = drawn(contents, own, id);
  const messages = [{ role: "user", content: question }];
  const language = languageOf(messages);
  const common = { language, messages, cluster: `paragraph ${own}` } as const;
  const among = shuffledByHash([own, ...others.slice(0, DOCUMENTS - 1)], `${id} in`, String);
  return [
    {
      ...common,
      id: `${id} in`,
      domain: "in_domain",
      documents: among.map((at, docId) => documentOf(contents[at]!, docId)),
      relevantDocIds: [among.indexOf(own)],
      reference: spans[0]!,
      valueForms: [spans],
    },
    {
      ...common,
      id: `${id} out`,
      domain: "out_of_domain",
      documents: others.map((at, docId) => documentOf(contents[at]!, docId)),
      relevantDocIds: [],
      reference: REFUSALS[language],
    },
  ];
}

const documentOf = (content: string, docId: number): GroundingDocument => ({ docId, title: null, content });

/** Other paragraphs, none with the same text as the own one. */
function drawn(contents: readonly string[], own: number, seed: string): number[] {
  const others = [...contents.keys()].filter((at) => contents[at] !== contents[own]);
  return shuffledByHash(others, seed, String).slice(0, DOCUMENTS);
}
