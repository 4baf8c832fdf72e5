import { describe, expect, test } from "vitest";
import { ContextOverflowError, InputError } from "../../errors.ts";
import { retryAfter, TransientError } from "../retrying.ts";
import { connectionError, serverError } from "./server-error.ts";

const place = { baseUrl: "http://host/v1", modelId: "m", apiKey: "sk-1", contextSize: 4096 };
const say = (message: string) => JSON.stringify({ error: { message, type: "BadRequestError", code: 400 } });

describe("a prompt that is too long, in the words of", () => {
  test.each<[string, string, number, number]>([
    [
      "vLLM 0.4",
      "This model's maximum context length is 4096 tokens. However, you requested 5100 tokens (5000 in the messages, 100 in the completion). Please reduce the length of the messages or completion.",
      5000,
      4096,
    ],
    [
      "vLLM 0.9",
      "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens. Please reduce the length of the input messages.",
      5000,
      4096,
    ],
    [
      "vLLM engine",
      "The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.",
      5000,
      4096,
    ],
    [
      "vLLM, room",
      "'max_tokens' or 'max_completion_tokens' is too large: 4000. This model's maximum context length is 4096 tokens and your request has 900 input tokens (4000 > 4096 - 900).",
      900,
      4096,
    ],
    [
      "vLLM 2026",
      "This model's maximum context length is 16384 tokens. However, you requested 8192 output tokens and your prompt contains at least 8193 input tokens, for a total of at least 16385 tokens.",
      8193,
      16384,
    ],
    [
      "SGLang",
      "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
      5000,
      4096,
    ],
    [
      "SGLang, room",
      "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 5100 tokens: 5000 tokens from the input messages and 100 tokens for the completion.",
      5000,
      4096,
    ],
    [
      "llama-server",
      "request (9412 tokens) exceeds the available context size (8192 tokens), try increasing it",
      9412,
      8192,
    ],
    [
      "Dynamo",
      "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.",
      5000,
      4096,
    ],
    [
      "no numbers",
      "the request exceeds the available context size. try increasing the context size or enable context shift",
      4097,
      4096,
    ],
  ])("%s", (_, message, promptTokens, contextSize) => {
    const error = serverError(place, 400, say(message));
    expect(error).toBeInstanceOf(ContextOverflowError);
    expect(error).toMatchObject({ promptTokens, contextSize });
  });
});

test("bodies of all shapes are understood, and printed in one short line", () => {
  for (const body of [
    say("bad\u001b[31m\n\nidea"),
    '{"error": "bad [31m idea"}',
    '{"object": "error", "message": "bad [31m idea", "code": 400}',
    '{"detail": "bad [31m idea"}',
    "bad [31m idea",
  ])
    expect(serverError(place, 422, body).message).toBe(
      "http://host/v1: the server refuses the request (HTTP 422: bad [31m idea): change what it names",
    );
  expect(serverError(place, 500, "<html>Oops</html>").message).toContain("(HTTP 500)");
  expect(serverError(place, 400, "x".repeat(10_000)).message.length).toBeLessThan(500);
  for (const body of ["null", "[]", "5", '{"error": null}', '{"error": {"message": {}}}', ""])
    expect(serverError(place, 400, body)).toBeInstanceOf(InputError);
});

test("what may pass is told from what will not", () => {
  for (const status of [429, 502, 503, 504])
    expect(serverError(place, status, "", 5)).toBeInstanceOf(TransientError);
  for (const status of [400, 401, 404, 500])
    expect(serverError(place, status, "")).not.toBeInstanceOf(TransientError);
  expect(serverError({ ...place, apiKey: undefined }, 401, "").message).toMatch(/wants an API key/);
  expect(serverError(place, 401, "key sk-1 is wrong").message).not.toContain("sk-1");
  expect(serverError(place, 404, '{"detail": "Not Found"}').message).toMatch(/check --base-url/);
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  expect(connectionError(place, new TypeError("fetch failed", { cause: refused })).message).toContain(
    "(ECONNREFUSED)",
  );
});

test("Retry-After as seconds and as a date", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(retryAfter("7")).toBe(7000);
  expect(retryAfter("Thu, 01 Jan 2026 00:00:30 GMT", now)).toBe(30_000);
  expect(retryAfter("Thu, 01 Jan 2015 00:00:30 GMT", now)).toBe(0);
  for (const header of [null, "soon", "-1"]) expect(retryAfter(header, now) ?? 0).toBe(0);
});
