/** An answerer's events in, the whole answer out. */
import type { GroundedAnswer, GroundedAnswerer } from "../../src/spec/grounding.ts";

export async function finalAnswer(events: ReturnType<GroundedAnswerer>): Promise<GroundedAnswer> {
  for await (const event of events) if (event.type === "done") return event.answer;
  throw new Error("the answer did not end");
}
