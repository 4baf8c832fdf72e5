import fc from "fast-check";
import { expect, test } from "vitest";
import { TextAssembler } from "./text-assembler.ts";

const encoder = new TextEncoder();

/** Feeds `pieces`; returns what came out, piece by piece, until a stop. */
function run(pieces: readonly Uint8Array[], stop: readonly string[] = []) {
  const assembler = new TextAssembler<number>(stop);
  const out: { text: string; tokens: number[] }[] = [];
  for (const [i, piece] of pieces.entries()) {
    const { stopped, ...rest } = assembler.push(piece, i);
    out.push(rest);
    if (stopped) return { out, stopped };
  }
  const { stopped, ...rest } = assembler.finish();
  out.push(rest);
  return { out, stopped };
}

/** The plain definition: read on until the text ends with a stop string, and take the longest such away. */
function untilStop(text: string, stop: readonly string[]): string {
  for (let end = 1; end <= text.length; end++) {
    const found = stop.filter((s) => text.slice(0, end).endsWith(s)).map((s) => s.length);
    if (found.length > 0) return text.slice(0, end - Math.max(...found));
  }
  return text;
}

const joined = (result: ReturnType<typeof run>) => result.out.map((o) => o.text).join("");
const split = (text: string) => [...encoder.encode(text)].map((byte) => Uint8Array.of(byte));

test("characters stay whole and tokens come with their last byte", () => {
  const { out } = run(split("да👍"));
  expect(out.map((o) => o.text)).toEqual(["", "д", "", "а", "", "", "", "👍", ""]);
  expect(out.map((o) => o.tokens)).toEqual([[], [0, 1], [], [2, 3], [], [], [], [4, 5, 6, 7], []]);
});

test("half a character at the end is dropped, its token is not", () => {
  const { out } = run([encoder.encode("a"), encoder.encode("я").slice(0, 1)]);
  expect(out).toEqual([
    { text: "a", tokens: [0] },
    { text: "", tokens: [] },
    { text: "", tokens: [1] },
  ]);
});

test("bytes that are no character become U+FFFD", () => {
  expect(joined(run([Uint8Array.of(0x41, 0xff), Uint8Array.of(0x80, 0x42)]))).toBe("A\ufffd\ufffdB");
  expect(joined(run([Uint8Array.of(0xd0), Uint8Array.of(0x41)]))).toBe("\ufffdA");
});

test("a stop string cuts, also over tokens; its possible beginnings wait", () => {
  const words = ["ответ", "\n", "\nВоп", "рос", ": да"].map((w) => encoder.encode(w));
  const result = run(words, ["\n\nВопрос:", "никогда"]);
  expect(result).toEqual({
    out: [
      { text: "ответ", tokens: [0] },
      { text: "", tokens: [] },
      { text: "", tokens: [] },
      { text: "", tokens: [] },
      { text: "", tokens: [] },
    ],
    stopped: true,
  });
  expect(joined(run(words, ["\n\nВопроса"]))).toBe("ответ\n\nВопрос: да");
});

test("the token that a stop string cuts in two counts", () => {
  const { out } = run([encoder.encode("a"), encoder.encode("b<"), encoder.encode("/s>")], ["</s>"]);
  expect(out.at(-1)).toEqual({ text: "", tokens: [] });
  expect(out[1]).toEqual({ text: "b", tokens: [] });
  const whole = run([encoder.encode("a"), encoder.encode("b</s>")], ["</s>"]);
  expect(whole.out[1]).toEqual({ text: "b", tokens: [1] });
});

test("however the bytes are split, the text is the same, ends before the first stop, and no token is lost", () => {
  const alphabet = fc.constantFrom("a", "b", "ab", "я", "👍", "\n", "e\u0301");
  const texts = fc.array(alphabet, { maxLength: 20 }).map((parts) => parts.join(""));
  const stops = fc.array(
    fc.array(alphabet, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("")),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(texts, stops, fc.infiniteStream(fc.integer({ min: 1, max: 5 })), (text, stop, sizes) => {
      const bytes = encoder.encode(text);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value as number;
        pieces.push(bytes.slice(at, at + size));
        at += size;
      }
      const result = run(pieces, stop);
      expect(joined(result)).toBe(untilStop(text, stop));
      expect(result.stopped).toBe(stop.some((s) => text.includes(s)));
      for (const { text: piece } of result.out) expect(piece).not.toMatch(/\p{Surrogate}/u);
      const tokens = result.out.flatMap((o) => o.tokens);
      expect(tokens).toEqual(tokens.map((_, i) => i));
      if (!result.stopped) expect(tokens.length).toBe(pieces.length);
    }),
    { numRuns: 300 },
  );
});
