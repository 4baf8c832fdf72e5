/** Questions to read: documents, ids, reference, answer, judgment. */
import type { RagQuestionView, RagReport } from "../../rag/rag-report.ts";
import type { Html } from "../page/html.ts";
import { type ItemPart, itemBrowser } from "../page/item-browser.ts";
import { failureWords, type Words } from "../page/say.ts";

export function questionBrowser(id: string, { questions }: RagReport): Html {
  return itemBrowser<RagQuestionView>({
    id,
    items: questions,
    facets: [
      { label: "model", of: ({ model }) => [model] },
      { label: "protocol", of: ({ protocol }) => [[`protocol.${protocol}`]] },
      { label: "domain", of: ({ domain }) => [[`domain.${domain}`]] },
      { label: "language", of: ({ language }) => [[`language.${language}`]] },
      { label: "question.outcome", of: (view) => [outcome(view)] },
      { label: "question.ids", of: idsOutcome },
    ],
    title: ({ question }) => question,
    tags: (view) => [
      view.model,
      [`protocol.${view.protocol}`],
      [`domain.${view.domain}`],
      outcome(view),
      ...idsOutcome(view),
    ],
    parts: partsOf,
  });
}

function outcome({ failure, answer, isCorrect }: RagQuestionView): Words {
  if (failure !== undefined) return failureWords(failure);
  if (answer === null) return ["question.no-answer"];
  if (isCorrect === undefined) return ["question.not-judged"];
  if (isCorrect === null) return ["question.no-verdict"];
  return [isCorrect ? "question.correct" : "question.wrong"];
}

function idsOutcome({ expectedIds, predictedIds }: RagQuestionView): Words[] {
  if (predictedIds === null) return [["question.ids-none"]];
  const missed = expectedIds.filter((id) => !predictedIds.includes(id));
  const extra = predictedIds.filter((id) => !expectedIds.includes(id));
  if (missed.length === 0 && extra.length === 0) return [["question.ids-exact"]];
  return [
    ...(missed.length > 0 ? [["question.ids-missed"] as const] : []),
    ...(extra.length > 0 ? [["question.ids-extra"] as const] : []),
  ];
}

function partsOf(view: RagQuestionView): ItemPart[] {
  const { id, question, documents, expectedIds, predictedIds, reference, answer, judgment, failure } = view;
  const list = (ids: readonly number[] | null) =>
    ids === null ? "–" : ids.length === 0 ? "∅" : ids.join(", ");
  const parts: ItemPart[] = [
    { label: ["question.question", id], text: question, isShared: true },
    { label: ["question.expected-ids"], text: list(expectedIds), isHalf: true },
    { label: ["question.predicted-ids"], text: list(predictedIds), isHalf: true },
    { label: ["question.answer", view.model], text: answer ?? failure ?? "–", isHalf: true },
    { label: ["question.reference"], text: reference, isHalf: true, isShared: true },
  ];
  if (judgment !== undefined) parts.push({ label: ["question.judgment"], text: judgment });
  for (const { docId, title, content } of documents)
    parts.push({
      label: [
        expectedIds.includes(docId) ? "question.expected-document" : "question.document",
        String(docId),
        title ?? "–",
      ],
      text: content,
      isShared: true,
    });
  return parts;
}
