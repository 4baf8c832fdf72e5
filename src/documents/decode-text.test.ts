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
