/** What a screen reader is told of an answer: its stages and then the whole, never a token at a time. */
import { type ReactNode, useMemo } from "react";
import { titleOf } from "../answer/title-of-hit.ts";
import { isRefusal, ranked, type Turn } from "../conversation/turn.ts";
import type { Texts } from "../language/en.ts";
import { useTexts } from "../language/language.tsx";
import { type ParentNode, textsOf } from "../markdown/tree.ts";
import { useMarkdownParser } from "../markdown/use-markdown-parser.ts";

export function LiveRegion({ turn }: { turn: Turn | undefined }) {
  const texts = useTexts();
  const words = useMemo(() => turn && spoken(texts, turn), [texts, turn]);
  return (
    <div className="visually-hidden" role="status" aria-live="polite" aria-atomic="true">
      {words}
    </div>
  );
}

function spoken(texts: Texts, turn: Turn): ReactNode {
  switch (turn.state) {
    case "searching":
      return texts.searching;
    case "choosing":
      return texts.choosing(turn.hits.length);
    case "answering":
      return [relevantTitles(texts, turn), texts.writing].join(" ");
    case "done":
      return isRefusal(turn) ? texts.refusalTitle : <SpokenAnswer text={turn.text} />;
    case "stopped":
      return texts.stopped;
    case "broken":
      return texts.broken;
    case "failed":
      // The message of the failure says it.
      return "";
  }
}

function relevantTitles(texts: Texts, turn: Turn): string {
  const titles = ranked(turn)
    .filter(({ doc_id }) => turn.relevantIds.includes(doc_id))
    .map(titleOf);
  return titles.length === 0 ? "" : `${texts.relevant}: ${[...new Set(titles)].join(", ")}.`;
}

/** Nothing before its Markdown can be read: it would be told twice. */
function SpokenAnswer({ text }: { text: string }) {
  const texts = useTexts();
  const parse = useMarkdownParser();
  const words = useMemo(() => parse && wordsOf(parse(text), text), [parse, text]);
  return words === undefined ? null : `${texts.answerReady} ${words}`;
}

/** Blocks are parted as lines are. */
function wordsOf(tree: ParentNode, markdown: string): string {
  let last = 0;
  let words = "";
  for (const { value, start, end } of textsOf(tree)) {
    const isApart = start >= 0 && markdown.slice(last, start).includes("\n");
    words += isApart ? ` ${value}` : value;
    last = Math.max(last, end);
  }
  return words;
}
