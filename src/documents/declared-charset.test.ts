import { expect, test } from "vitest";
import { charsetOfContentType, charsetOfMarkup, encodingNamed } from "./declared-charset.ts";

test.each([
  ["text/html; charset=windows-1251", "windows-1251"],
  ['text/html;Charset="KOI8-R"; x=y', "KOI8-R"],
  ["text/html", undefined],
  [undefined, undefined],
])("HTTP's %s", (header, charset) => {
  expect(charsetOfContentType(header)).toBe(charset);
});

test.each([
  ["<!doctype html><meta charset=windows-1251>", "windows-1251"],
  ["<html><head><META name=a><Meta Charset = 'koi8-r' >", "koi8-r"],
  [`<meta http-equiv="Content-Type" content="text/html; charset=cp866">`, "cp866"],
  [`<?xml version="1.0" encoding="windows-1251"?><html>`, "windows-1251"],
  ["<!-- <meta charset=cp866> --><meta charset=koi8-r>", "koi8-r"],
  ["<script charset=cp866></script>", undefined],
  [`${" ".repeat(10_000)}<meta charset=cp866>`, undefined],
])("in %s", (markup, charset) => {
  expect(charsetOfMarkup(Buffer.from(markup))).toBe(charset);
});

test("names are the web's: no other codec is called by them", () => {
  for (const name of ["windows-1251", "CP1251", " x-cp1251 "])
    expect(encodingNamed(name)).toBe("windows-1251");
  expect(encodingNamed("iso-8859-1")).toBe("windows-1252");
  for (const name of ["utf-8", "utf-16", "base64", "hex", "utf-7", "unknown", "", "\0"])
    expect(encodingNamed(name)).toBeUndefined();
});
