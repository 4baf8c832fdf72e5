/** What a screen reader is told of an answer: its stages and then the whole, never a token at a time. */
import { useMemo } from "react";
import { titleOf } from "../answer/title-of-hit.ts";
import { isRefusal, ranked, type Turn } from "../conversation/turn.ts";
import type { Texts } from "../language/en.ts";
import { useTexts } from "../language/language.tsx";
import { parseMarkdown } from "../markdown/parse-markdown.ts";
import { textsOf } from "../markdown/tree.ts";

export function LiveRegion({ turn }: { turn: Turn | undefined }) {
  const texts = useTexts();
  const words = useMemo(() => (turn ? spoken(texts, turn) : ""), [texts, turn]);
  return (
    <div className="visually-hidden" role="status" aria-live="polite" aria-atomic="true">
      {words}
    </div>
  );
}

function spoken(texts: Texts, turn: Turn): string {
  switch (turn.state) {
    case "searching":
      return texts.searching;
    case "choosing":
      return texts.choosing(turn.hits.length);
    case "answering":
      return [relevantTitles(texts, turn), texts.writing].join(" ");
    case "done":
      return isRefusal(turn) ? texts.refusalTitle : `${texts.answerReady} ${plainText(turn.text)}`;
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

/** Blocks are parted as lines are. */
function plainText(markdown: string): string {
  let last = 0;
  return textsOf(parseMarkdown(markdown))
    .map(({ text, start, end }) => {
      const isApart = start >= 0 && markdown.slice(last, start).includes("\n");
      last = Math.max(last, end);
      return isApart ? ` ${text}` : text;
    })
    .join("");
}
