/**
 * A child process of damaged-gguf.test.ts: opens the files given as arguments, one after another, asks each that
 * opens for a few tokens, and prints one line a file. What ends this process shows in the line that is missing.
 */

import { openEmbedded } from "../../src/engine/embedded/open-embedded.ts";
import { outcomeOf } from "./outcome-of.ts";

const prompt = { segments: [{ kind: "text" as const, text: "Привет, world <|eot_id|>" }] };

const outcome = (path: string) =>
  outcomeOf(
    () => openEmbedded(path, { contextSize: 64, gpu: false }),
    async (model) => {
      for (const options of [{ temperature: 0 }, { temperature: 1, topP: 0.9, topK: 30, topLogprobs: 5 }])
        for await (const _ of model.generate(prompt, { ...options, maxTokens: 3, seed: 1 }));
      await model.score(prompt, "ответ");
    },
  );

for (const path of process.argv.slice(2)) console.log(JSON.stringify({ path, outcome: await outcome(path) }));
