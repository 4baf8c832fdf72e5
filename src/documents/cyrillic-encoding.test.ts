import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { cyrillicEncoding } from "./cyrillic-encoding.ts";

const RUSSIAN =
  "Выписка по счёту клиента: остаток на начало дня 1200 рублей, поступление от организации по договору поставки. " +
  "Ёлка стоит в углу, и на ней горят огни; мы ждали гостей до позднего вечера, а они всё не шли. " +
  "Server error: не удалось открыть файл config.yaml на диске C, перезапуск службы через USB-порт невозможен.";

describe.each(["windows-1251", "cp866", "koi8-r"])("%s", (encoding) => {
  test.each(["as it is", "in capitals", "in small letters"])("any six words of Russian, %s", (how) => {
    const all = how === "in capitals" ? RUSSIAN.toUpperCase() : RUSSIAN;
    const words = (how === "in small letters" ? all.toLowerCase() : all).split(" ");
    for (let at = 0; at + 6 <= words.length; at++) {
      const text = words.slice(at, at + 6).join(" ");
      expect(cyrillicEncoding(iconv.encode(text, encoding)), text).toBe(encoding);
    }
  });
});

test.each([
  "┌──────────────┬────────┐\r\n│ Наименование │ Цена   │\r\n├──────────────┼────────┤\r\n│ Кирпич       │ 120,00 │\r\n└──────────────┴────────┘",
  "╔═════════╗\n║НАЛОГ    ║\n╚═════════╝",
  "├── src\n│   └── main.ts\n└── test",
])("lines of tables are IBM866: %s", (table) => {
  expect(cyrillicEncoding(iconv.encode(table, "cp866"))).toBe("cp866");
});

test.each([
  ["windows-1252", "Le café est à côté de l'hôtel, près de la forêt où naît l'été. Clé non reconnue."],
  ["windows-1252", "Über die Brücke fährt täglich ein Bus nach Köln; die Straße ist schön. Größe ungültig."],
  ["windows-1252", "£5 — “quotes” and naïve résumés"],
  [
    "windows-1250",
    "Nieprawidłowe dane wejściowe: oczekiwano ciąg znaków, wartość musi mieć większą długość.",
  ],
  ["windows-1253", "Μη έγκυρη είσοδος: αναμενόταν συμβολοσειρά, διεύθυνση ηλεκτρονικού ταχυδρομείου."],
  ["windows-1254", "Geçersiz değer: beklenen sayı, alınan dize; çok küçük, olmalıdır, güneş doğdu."],
  ["gbk", "无效输入：期望字符串，实际接收数字。数值过大，期望值必须小于最大值。"],
  ["shift_jis", "無効な入力: 文字列が期待されましたが、数値が入力されました。大きすぎる値です。"],
  ["euc-kr", "잘못된 입력: 예상 타입은 문자열, 받은 타입은 숫자입니다. 값이 너무 큽니다."],
  ["iso-8859-5", "Главная улица города, и на ней горят огни до позднего вечера."],
  ["utf-8", "Главная улица города, и на ней горят огни до позднего вечера."],
])("%s is none of them: %s", (encoding, text) => {
  expect(cyrillicEncoding(iconv.encode(text, encoding))).toBeUndefined();
});
