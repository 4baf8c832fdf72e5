/**
 * Sentences with known support in, how well `citeAnswer` finds it out. Supported ones are made from the gold
 * sentence of a question (words dropped and moved; or the question, in its asker's own words, with its gold
 * answer), unsupported ones from other paragraphs, or by a number or name that is not in the documents.
 */
import { citeAnswer } from "../../src/grounding/cite.ts";
import { terms } from "../../src/index/terms.ts";
import { documentSentences } from "../../src/retrieval/relevance/document-sentences.ts";
import type { GroundingDocument, Span } from "../../src/spec/document.ts";
import { type Half, type Instance, instancesOf, type Language, loadXquad, type Xquad } from "../xquad.ts";

export const CASES = ["thinned", "restated", "elsewhere", "altered", "wrong answer"] as const;
export type Case = (typeof CASES)[number];

export interface CitationFigures {
  kind: Case;
  /** Whether the documents support sentences of this kind. */
  supported: boolean;
  count: number;
  /** Share given at least one source. */
  cited: number;
  /** Of those, the share whose sources include the gold sentence; and of all their sources, the share that is it. */
  goldCited: number;
  goldAmongSources: number;
}

interface Claim {
  kind: Case;
  text: string;
  documents: GroundingDocument[];
  gold: Span & { docId: number };
}

export function citationFigures(language: Language, half: Half): CitationFigures[] {
  const xquad = loadXquad(language);
  const hard = instancesOf(xquad).filter((i) => i.setting === "hard" && i.question.half === half);
  const claims = hard.flatMap((instance, n) => claimsOf(xquad, instance, hard[(n + 97) % hard.length]!));
  return CASES.map((kind) => {
    const cited = claims
      .filter((claim) => claim.kind === kind)
      .map((claim) => ({ claim, sources: sourcesOf(claim) }));
    const withSources = cited.filter(({ sources }) => sources.length > 0);
    const isGold = (claim: Claim) => (source: Span & { docId: number }) =>
      source.docId === claim.gold.docId && source.start < claim.gold.end && claim.gold.start < source.end;
    const all = withSources.flatMap(({ claim, sources }) => sources.map(isGold(claim)));
    return {
      kind,
      supported: kind === "thinned" || kind === "restated",
      count: cited.length,
      cited: withSources.length / cited.length,
      goldCited:
        withSources.filter(({ claim, sources }) => sources.some(isGold(claim))).length / withSources.length,
      goldAmongSources: all.filter(Boolean).length / all.length,
    };
  });
}

function sourcesOf(claim: Claim) {
  return citeAnswer(claim.text, claim.documents).flatMap((citation) => citation.sources);
}

/** One claim of each kind that can be made; `other` is a question far from this one. */
function claimsOf(xquad: Xquad, instance: Instance, other: Instance): Claim[] {
  const { question, answer, paragraph } = instance.question;
  const documents = instance.documents.map((docId) => ({
    docId,
    title: null,
    content: xquad.paragraphs[docId]!,
  }));
  const sentence = documentSentences(xquad.paragraphs[paragraph]!).find(({ text }) =>
    text.includes(answer.trim()),
  );
  const foreign = documentSentences(xquad.paragraphs[other.question.paragraph]!)[0];
  if (!sentence || !foreign || instance.documents.includes(other.question.paragraph)) return [];
  const claim = (kind: Case, text: string): Claim => ({
    kind,
    text: `${text.replace(/[.!?]+/g, "").trim()}.`,
    documents,
    gold: { ...sentence, docId: paragraph },
  });
  const held = new Set(documents.flatMap((d) => terms(d.content).map((term) => term.stem)));
  const strange = terms(other.question.answer).some((term) => !held.has(term.stem));
  const altered = alter(sentence.text);
  return [
    claim("thinned", thin(sentence.text)),
    claim("restated", `${question} — ${answer}`),
    claim("elsewhere", foreign.text),
    ...(altered === undefined ? [] : [claim("altered", altered)]),
    ...(strange ? [claim("wrong answer", `${question} — ${other.question.answer}`)] : []),
  ];
}

/** Every fourth word dropped, and the halves of the sentence changed over. */
function thin(text: string): string {
  const words = text.split(" ").filter((_, i) => i % 4 !== 3);
  const middle = Math.floor(words.length / 2);
  return [...words.slice(middle), ...words.slice(0, middle)].join(" ");
}

/** The first number of the sentence made another one. */
function alter(text: string): string | undefined {
  const number = /\p{Nd}+/u.exec(text);
  if (!number) return undefined;
  return (
    text.slice(0, number.index) +
    String(Number(number[0]) + 7919) +
    text.slice(number.index + number[0].length)
  );
}
