import fc from "fast-check";
import { expect, test } from "vitest";
import { TextAssembler } from "../text-assembler.ts";
import { completesStop, textOf } from "./beam-texts.ts";

/** Tokens of whole and of half characters, of some length, and of none. */
const TOKENS = ["a", "b", "ab", "aab", "", "\u0436", "b\u0436"].map((text) => Buffer.from(text));
TOKENS.push(Buffer.from([0xd0]), Buffer.from([0xb6]), Buffer.from([0xe2]), Buffer.from([0xff]));
const bytesOf = (id: number) => TOKENS[id]!;

const ids = fc.array(fc.nat(TOKENS.length - 1), { minLength: 1, maxLength: 40 });
const stops = fc.array(
  fc
    .array(fc.constantFrom("a", "b", "\u0436"), { minLength: 1, maxLength: 4 })
    .map((letters) => letters.join("")),
  { maxLength: 3 },
);

test("a stop string is completed by the token that ends the stream, and the text is the stream's", () => {
  fc.assert(
    fc.property(ids, stops, (tokens, stop) => {
      const assembler = new TextAssembler<number>(stop);
      let text = "";
      const told: number[] = [];
      let said: number[] = [];
      for (const id of tokens) {
        said = [...said, id];
        const piece = assembler.push(bytesOf(id), id);
        text += piece.text;
        told.push(...piece.tokens);
        expect(completesStop(said.slice(0, -1), said.at(-1)!, stop, bytesOf)).toBe(piece.stopped);
        if (piece.stopped) break;
      }
      const rest = assembler.finish();
      const whole = { text: text + rest.text, tokens: [...told, ...rest.tokens] };
      expect(textOf(said, said, stop, bytesOf)).toEqual(whole);
    }),
    { numRuns: 1000 },
  );
});
