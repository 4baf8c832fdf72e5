/** `n` answers to one prompt: as many samples, or the best texts of one beam search. */
import type { Alternative, GenerateOptions } from "../../spec/language-model.ts";
import { RequestError } from "../openai-error.ts";
import type { ChoiceEvent, Start } from "./choice.ts";

/** `options` of the answer number `index`. Throws a RequestError where a search cannot find so many. */
export function several(
  n: number,
  options: (index: number) => GenerateOptions,
  start: (options: GenerateOptions) => Start,
): Start[] {
  const first = options(0);
  const beams = first.beamSearch?.beams;
  if (n === 1 || beams === undefined) return Array.from({ length: n }, (_, i) => start(options(i)));
  if (n > beams)
    throw new RequestError(`n is ${n} and beams are ${beams}, of which each gives one answer: take no more`, {
      param: "n",
    });
  return nBest(start(first), n);
}

/** The best one as it comes, the others when the search is over: they are counted with it, as one answer. */
function nBest(search: Start, n: number): Start[] {
  let tell: (found: readonly Alternative[]) => void;
  const over = new Promise<readonly Alternative[]>((resolve) => {
    tell = resolve;
  });
  async function* best(signal: AbortSignal): AsyncGenerator<ChoiceEvent> {
    let found: readonly Alternative[] = [];
    try {
      for await (const event of search(signal)) {
        if (event.type === "end") found = event.alternatives ?? [];
        yield event;
      }
    } finally {
      // Also where it fails: nobody is to wait for ever.
      tell(found);
    }
  }
  async function* other(rank: number): AsyncGenerator<ChoiceEvent> {
    const one = (await over)[rank];
    if (!one) return;
    const { text, tokens, finishReason } = one;
    yield { type: "text", text, tokens };
    yield {
      type: "end",
      finishReason,
      usage: { promptTokens: 0, completionTokens: 0, reusedTokens: 0 },
    };
  }
  return [best, ...Array.from({ length: n - 1 }, (_, i) => () => other(i + 1))];
}
