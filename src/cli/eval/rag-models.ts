/** Settings -> whom `vikhr eval rag` asks: quotes, which cost nothing, and the model that is named, by either protocol. */
import { devNull } from "node:os";
import { InputError } from "../../errors.ts";
import { askModel } from "../../evaluation/calls/ask-model.ts";
import { type Ask, askSinglePrompt, askTwoStep } from "../../evaluation/rag/ask-grounded.ts";
import { MAX_JUDGMENT_TOKENS } from "../../evaluation/rag/judge-answer.ts";
import type { Protocol } from "../../evaluation/rag/rag-report.ts";
import type { JudgeModel, RagModel } from "../../evaluation/rag/run-rag.ts";
import { citeAnswer } from "../../grounding/cite.ts";
import { answererOf } from "../../rag/answerer-of.ts";
import { openModel, QUOTES, sayLoaded } from "../open-model.ts";
import { readSettings, type Settings, samplingOptions } from "../settings.ts";
import { askedModel } from "./asked-model.ts";
import { patiently } from "./patiently.ts";

/** Enough for every answer of the test set, and a bound for those that do not end. */
const MAX_ANSWER_TOKENS = 512;

export const quotesModel: RagModel = {
  name: QUOTES,
  protocols: ["two-step"],
  settings: {},
  maxTokens: 0,
  async open() {
    const ask = askTwoStep(await answererOf(undefined, "answerWithQuotes"), {});
    return { askBy: () => ask, close: async () => undefined };
  },
};

/** `settings` name a model. Greedy unless they say otherwise: what differs between two runs then is rounding alone. */
export function ragModel(
  settings: Settings,
  name: unknown,
  protocols: readonly Protocol[],
  isQuiet: boolean,
): RagModel {
  const asked = askedModel(settings, name);
  if (asked.name === QUOTES) throw new InputError(`--name is ${QUOTES}, which is another's: give another`);
  const options = { temperature: 0, seed: 0, maxTokens: MAX_ANSWER_TOKENS, ...samplingOptions(settings) };
  const { beamSearch, ...plain } = options;
  const { contextSize, kvType } = settings;
  return {
    name: asked.name,
    protocols,
    settings: {
      ...asked.identity,
      ...(contextSize !== undefined && { contextSize }),
      ...(kvType !== undefined && { kvType }),
      ...plain,
      ...(beamSearch && { beams: beamSearch.beams }),
    },
    maxTokens: options.maxTokens,
    async open() {
      const model = (await openModel(settings, isQuiet ? undefined : sayLoaded))!;
      const answerer = await answererOf(model, "answerWithQuotes");
      const asks: Record<Protocol, Ask> = {
        "two-step": askTwoStep(answerer, options),
        "single-prompt": askSinglePrompt(model, citeAnswer, options),
      };
      return {
        askBy: (protocol) => (row, signal) => patiently(() => asks[protocol](row, signal), signal),
        close: () => model.close(),
      };
    },
  };
}

/** What `--judge-...` name; they take nothing from the settings of the model that is judged. */
export function judgeModel(
  flags: Readonly<Record<string, unknown>>,
  isQuiet: boolean,
): JudgeModel | undefined {
  const settings = judgeSettings(flags);
  if (settings.model === undefined && settings.baseUrl === undefined) return undefined;
  return {
    ...askedModel(settings, undefined),
    async open() {
      const model = (await openModel(settings, isQuiet ? undefined : sayLoaded))!;
      const options = { temperature: 0, seed: 0, maxTokens: MAX_JUDGMENT_TOKENS };
      return {
        ask: (prompt, signal) => patiently(() => askModel(model, prompt, { ...options, signal }), signal),
        close: () => model.close(),
      };
    },
  };
}

function judgeSettings(flags: Readonly<Record<string, unknown>>): Settings {
  const { judgeModel, judgeBaseUrl, judgeModelId, judgeApi, judgeApiKey } = flags;
  try {
    return readSettings({
      flags: {
        model: judgeModel,
        baseUrl: judgeBaseUrl,
        modelId: judgeModelId,
        api: judgeApi,
        apiKey: judgeApiKey,
      },
      env: { OPENAI_API_KEY: process.env.OPENAI_API_KEY },
      configPath: devNull,
    });
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`the judge: ${error.message}`, { cause: error });
    throw error;
  }
}
