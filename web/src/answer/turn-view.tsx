/** One question with all that came of it: what was found, the answer, its sources, and what can be done about it. */
import { memo, useDeferredValue, useMemo } from "react";
import { refusal } from "../../../src/grounding/refusal.ts";
import type { Citation, Hit } from "../api/wire.ts";
import { isRefusal, isUnderWay, type Turn } from "../conversation/turn.ts";
import { useTexts } from "../language/language.tsx";
import { plainTree } from "../markdown/tree.ts";
import { useMarkdownParser } from "../markdown/use-markdown-parser.ts";
import type { OpenSource } from "../source/open-source.ts";
import { AnswerText } from "./answer-text.tsx";
import { numberSources } from "./number-sources.ts";
import { QuestionHeading } from "./question-heading.tsx";
import { RelevanceList } from "./relevance-list.tsx";
import { SourceList } from "./source-list.tsx";
import { TurnFooter } from "./turn-footer.tsx";

export interface TurnActions {
  askAgain: (turn: Turn, question?: string) => void;
  goOn: (turn: Turn) => void;
  openSource: (source: OpenSource) => void;
}

export interface TurnViewProps {
  turn: Turn;
  /** Another answer is under way. */
  isBusy: boolean;
  /** What of this turn is open beside it. */
  openNumber: number | undefined;
  actions: TurnActions;
}

const NONE: readonly Citation[] = [];

export const TurnView = memo(function TurnView({ turn: latest, isBusy, openNumber, actions }: TurnViewProps) {
  const texts = useTexts();
  // A long answer is read anew with every token: what is slower than the tokens leaves some out.
  const turn = useDeferredValue(latest);
  const isDone = turn.state === "done";
  const citations = isDone ? turn.citations : NONE;
  const numbered = useMemo(() => numberSources(citations, turn.hits), [citations, turn.hits]);
  const isRefused = isRefusal(turn);
  const parse = useMarkdownParser(isBusy) ?? plainTree;

  function openHit(hit: Hit): void {
    actions.openSource({ collection: turn.collection ?? "", hit, turn: turn.id });
  }
  function openNumbered(number: number): void {
    const { hit, source } = numbered.sources[number - 1]!;
    actions.openSource({ collection: turn.collection ?? "", hit, source, turn: turn.id, number });
  }

  return (
    <article
      className="turn"
      aria-labelledby={`q-${turn.id}`}
      data-state={turn.state}
      aria-busy={isUnderWay(turn)}
    >
      <QuestionHeading
        id={`q-${turn.id}`}
        question={turn.question}
        isDisabled={isBusy}
        onChange={(question) => actions.askAgain(turn, question)}
      />
      {turn.state === "searching" && <p className="status">{texts.searching}</p>}
      {turn.state === "choosing" && <p className="status">{texts.choosing(turn.hits.length)}</p>}
      {isRefused ? (
        <section className="refusal">
          <h3 className="refusal-title">{texts.refusalTitle}</h3>
          {turn.hits.length === 0 && <p className="refusal-words">{texts.nothingFound}</p>}
          {turn.text !== refusal(turn.question) && <p className="refusal-words">{turn.text}</p>}
          <RelevanceList turn={turn} isNearest onOpen={openHit} />
        </section>
      ) : (
        <>
          <RelevanceList turn={turn} onOpen={openHit} />
          {turn.state === "answering" && turn.text === "" && <p className="status">{texts.writing}</p>}
          {turn.text !== "" && (
            <AnswerText
              text={turn.text}
              parse={parse}
              citations={citations}
              numbered={numbered}
              openNumber={openNumber}
              onOpen={openNumbered}
            />
          )}
          {citations.some(({ sources }) => sources.length === 0) && (
            <p className="note">{texts.unsupportedNote}</p>
          )}
          <SourceList sources={numbered.sources} openNumber={openNumber} onOpen={openNumbered} />
        </>
      )}
      {!isUnderWay(turn) && <TurnFooter turn={turn} isBusy={isBusy} actions={actions} />}
    </article>
  );
});
