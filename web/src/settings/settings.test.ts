/** Settings as a browser may have kept them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkNumber, LIMITS, type NumberSetting, readSettings, samplingOf } from "./settings.ts";

test("whatever was kept, what is read can be sent", () => {
  const value = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.constant(null), fc.boolean());
  const keys = ["language", "theme", "collection", "isGrounded", "style", ...Object.keys(LIMITS)];
  const kept = fc.dictionary(fc.constantFrom(...keys), value);
  fc.assert(
    fc.property(
      fc.oneof(
        kept.map((k) => JSON.stringify(k)),
        fc.string(),
        fc.json(),
      ),
      (json) => {
        const settings = readSettings(json);
        expect(settings.collection).not.toBe("");
        for (const name of Object.keys(LIMITS) as NumberSetting[])
          if (settings[name] !== undefined) expect(checkNumber(name, settings[name])).toBe(settings[name]);
        expect(readSettings(JSON.stringify(settings))).toEqual(settings);
      },
    ),
  );
});

test("one beam is none, and what is not chosen is not sent", () => {
  expect(samplingOf(readSettings('{"beams":1}'))).toEqual({});
  expect(samplingOf(readSettings('{"beams":4,"temperature":0,"maxTokens":9}'))).toEqual({
    beams: 4,
    temperature: 0,
    max_tokens: 9,
  });
});
