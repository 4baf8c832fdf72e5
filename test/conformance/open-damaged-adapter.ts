/**
 * A child process of damaged-adapter.test.ts: takes a model and an adapter, and again, opens and asks each pair, and
 * prints one line for it. What ends this process shows in the line that is missing.
 */
import { openEmbedded } from "../../src/engine/embedded/open-embedded.ts";
import { outcomeOf } from "./outcome-of.ts";

const prompt = { segments: [{ kind: "text" as const, text: "Привет, world <|eot_id|>" }] };

const outcome = (path: string, adapter: string) =>
  outcomeOf(
    () => openEmbedded(path, { contextSize: 64, gpu: false, adapters: [{ path: adapter }] }),
    async (model) => {
      for (const temperature of [0, 1])
        for await (const _ of model.generate(prompt, { temperature, maxTokens: 3, seed: 1 }));
      await model.score(prompt, "ответ");
    },
  );

const given = process.argv.slice(2);
for (let i = 0; i < given.length; i += 2) {
  const adapter = given[i + 1]!;
  console.log(JSON.stringify({ path: adapter, outcome: await outcome(given[i]!, adapter) }));
}
