import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { decodeText } from "./decode-text.ts";

const RUSSIAN = [
  "Ёлка стоит в углу, и на ней горят огни.\r\nМы ждали гостей до позднего вечера, а они всё не шли.",
  "Договор 17 от 5 мая. Исполнитель обязуется передать заказчику товар в срок, а заказчик - принять его.",
  "# Установка\n\nСкачайте архив и распакуйте его в любую папку.\n\n- первый шаг\n- второй шаг\n",
  "Главная улица",
];

describe("decodeText", () => {
  test.each(["utf8", "utf-16le", "utf-16be", "windows-1251", "cp866", "koi8-r"])(
    "%s, Russian",
    (encoding) => {
      for (const text of RUSSIAN)
        for (const addBOM of encoding.startsWith("utf") ? [true, false] : [false])
          expect(decodeText(iconv.encode(text, encoding, { addBOM })), text).toBe(text);
    },
  );

  test("English, and nothing at all", () => {
    for (const encoding of ["utf8", "utf-16le", "utf-16be", "latin1"])
      expect(decodeText(iconv.encode("The answer is in the book.", encoding))).toBe(
        "The answer is in the book.",
      );
    expect(decodeText(new Uint8Array())).toBe("");
  });

  test("any text survives UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!/[\0-\x1f\x7f\uFFFD\uFEFF]/.test(text));
        expect(decodeText(Buffer.from(text))).toBe(text);
      }),
    );
  });

  test.each([
    ["0xFF", Buffer.from([0xff])],
    ["a dash of windows-1252", Buffer.from([0x96])],
    ["half a letter", Buffer.from([0xd0])],
    ["half of a pair of UTF-16", Buffer.from([0xed, 0xa0, 0x80])],
    ["a line of windows-1251", iconv.encode("\nСтрока в другой кодировке.\n", "windows-1251")],
  ])("UTF-8 with %s anywhere in it stays UTF-8", (_, fault) => {
    const english = "The chapter says “quotes” and naïve — dashes, everywhere in this text…\n".repeat(12);
    fc.assert(
      fc.property(fc.constantFrom(RUSSIAN.join("\n").repeat(2), english), fc.nat(), (text, place) => {
        const at = place % (text.length + 1);
        const bytes = Buffer.concat([Buffer.from(text.slice(0, at)), fault, Buffer.from(text.slice(at))]);
        const decoded = decodeText(bytes);
        expect(decoded.startsWith(text.slice(0, at))).toBe(true);
        expect(decoded.endsWith(text.slice(at))).toBe(true);
        expect(decoded).toContain("\uFFFD");
      }),
    );
  });

  test("UTF-8 that was cut between the bytes of a letter loses that one", () => {
    for (const text of RUSSIAN) {
      const bytes = Buffer.from(`Я${text}я`);
      expect(decodeText(bytes.subarray(1, -1))).toBe(`\uFFFD${text}\uFFFD`);
    }
  });

  test.each(["windows-1251", "cp866", "koi8-r"])("%s: capitals, and behind much ASCII", (encoding) => {
    for (const text of RUSSIAN.flatMap((text) => [
      text.toUpperCase(),
      `${"ascii log line\n".repeat(5000)}${text}`,
    ]))
      expect(decodeText(iconv.encode(text, encoding)), text.slice(0, 40)).toBe(text);
  });

  test("what is declared is taken for bytes that are no Unicode, the first that fits", () => {
    const text = "Ėjo";
    const bytes = iconv.encode(text, "windows-1257");
    expect(decodeText(bytes)).not.toBe(text);
    for (const declared of [
      ["windows-1257"],
      [undefined, "Windows-1257"],
      ["utf-8", "windows-1257"],
      ["no such", "windows-1257"],
      ["euc-kr", "windows-1257"],
    ])
      expect(decodeText(bytes, declared), declared.join()).toBe(text);
    for (const encoding of ["utf8", "utf-16le", "utf-16be"])
      for (const addBOM of [true, false])
        expect(decodeText(iconv.encode(RUSSIAN[0]!, encoding, { addBOM }), ["windows-1251"])).toBe(
          RUSSIAN[0],
        );
  });

  test("any text survives where its encoding is declared", () => {
    // In none of these encodings a letter of UTF-8 comes of them.
    const letters = fc.array(fc.constantFrom(..."абвгдежзийклмнопАБВЯ .,-\n"), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(letters, fc.constantFrom("windows-1251", "koi8-r", "ibm866"), (all, encoding) => {
        const bytes = iconv.encode(all.join(""), encoding);
        expect(decodeText(bytes, [encoding])).toBe(all.join(""));
      }),
    );
  });

  test("what is no text is seen wherever it begins", () => {
    const bytes = Buffer.concat([
      Buffer.from("ascii log line\n".repeat(5000)),
      Buffer.alloc(50_000, "\0\x01\x02"),
    ]);
    expect(() => decodeText(bytes)).toThrow(InputError);
  });

  test("bytes that are no text are refused, and never anything else happens", () => {
    const png = Buffer.from("89504e470d0a1a0a0000000d49484452000001000000010008060000005c72a866", "hex");
    expect(() => decodeText(png)).toThrow(InputError);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          decodeText(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});
