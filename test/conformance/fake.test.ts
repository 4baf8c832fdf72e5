/** The scripted fake behaves like an engine in all that a script can. */
import { fakeLanguageModel } from "../../src/testing/fake-language-model.ts";
import { languageModelConformance } from "./language-model.ts";

const scripted = "its replies are scripted";

languageModelConformance(
  "fake",
  async () =>
    fakeLanguageModel({
      contextSize: 512,
      replies: ({ text }) => `Ответ на вопрос: ${text.toUpperCase()} И ещё несколько слов.`,
    }),
  {
    lacks: {
      options: "it takes any",
      seeds: scripted,
      grammar: scripted,
      logprobs: scripted,
      "plain control": "it has no control tokens",
    },
  },
);
