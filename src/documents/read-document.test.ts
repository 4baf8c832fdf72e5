import fc from "fast-check";
import { strToU8, zipSync } from "fflate";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { tinyPdf } from "../../test/conformance/tiny-pdf.ts";
import { InputError } from "../errors.ts";
import { readDocument } from "./read-document.ts";
import { readDocx } from "./read-docx.ts";
import { readZip } from "./read-zip.ts";

const zip = (files: Record<string, string | Uint8Array>) =>
  Buffer.from(
    zipSync(
      Object.fromEntries(
        Object.entries(files).map(([name, content]) => [
          name,
          typeof content === "string" ? strToU8(content) : content,
        ]),
      ),
    ),
  );

const WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const paragraph = (text: string, style = "") =>
  `<w:p>${style && `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}<w:r><w:t>${text}</w:t></w:r></w:p>`;
const docx = (body: string) =>
  zip({
    "[Content_Types].xml":
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels":
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/document.xml": `<w:document ${WORD}><w:body>${body}</w:body></w:document>`,
    "word/styles.xml": `<w:styles ${WORD}><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>`,
  });

const epub = (chapters: Record<string, string>) =>
  zip({
    "META-INF/container.xml":
      '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
    "OPS/book.opf": `<package xmlns:dc="x"><metadata><dc:title>Книга &amp; Ко</dc:title></metadata><manifest>${Object.keys(
      chapters,
    )
      .map((name, i) => `<item id="c${i}" href="${encodeURIComponent(name)}"/>`)
      .join("")}</manifest><spine>${Object.keys(chapters)
      .map((_, i) => `<itemref idref="c${i}"/>`)
      .join("")}</spine></package>`,
    ...Object.fromEntries(
      Object.entries(chapters).map(([name, body]) => [
        `OPS/${name}`,
        `<html><head><title>t</title></head><body>${body}</body></html>`,
      ]),
    ),
  });

const pdf = (...given: Parameters<typeof tinyPdf>) => Buffer.from(tinyPdf(...given));

describe("readDocument", () => {
  test("what is no text, though it may look like it, is refused by its name; what has no ending is text", async () => {
    const rtf = Buffer.from("{\\rtf1\\ansi Hello}");
    await expect(readDocument("a.RTF", rtf)).rejects.toThrow("files of this kind are not read");
    expect(await readDocument("Dockerfile", Buffer.from("FROM node"))).toMatchObject({ format: "plain" });
  });

  test("text goes by its name", async () => {
    for (const [name, format] of [
      ["a.md", "markdown"],
      ["b.HTML", "html"],
      ["c.txt", "plain"],
      ["d.py", "code"],
      ["README", "plain"],
    ]) {
      const read = await readDocument(`/x/${name}`, Buffer.from("Текст"));
      expect(read).toEqual({ source: `/x/${name}`, title: name!.split(".")[0], format, text: "Текст" });
    }
    const page = await readDocument("/p.html", Buffer.from("<title> Заголовок\nстраницы </title><p>x</p>"));
    expect(page.title).toBe("Заголовок страницы");
  });

  test.each([
    [
      "a.html",
      "<title>Tom &amp; Jerry&nbsp;&#8212; &laquo;&#x416;&raquo; &lt;b&gt;</title>",
      "Tom & Jerry — «Ж» <b>",
    ],
    ["a.html", "<title> &nbsp; </title>", "a"],
    ["a.md", "---\ntitle: Отпуск\n---\n28 дней", "Отпуск"],
    ["a.md", "---\nЗдесь title: нет\n\nx\n---\n", "a"],
    ["a.txt", "---\ntitle: Отпуск\n---\n28 дней", "a"],
  ])("the title that %s gives itself: %s", async (name, text, title) => {
    expect((await readDocument(`/${name}`, Buffer.from(text))).title).toBe(title);
  });

  test("a page's own word on its encoding counts, and HTTP's before it", async () => {
    const page = (charset: string, encoding: string) =>
      iconv.encode(`<meta charset="${charset}"><title>ėjo</title>`, encoding);
    expect((await readDocument("/a.html", page("windows-1257", "windows-1257"))).title).toBe("ėjo");
    expect(
      (await readDocument("/a.html", page("cp866", "windows-1257"), { charset: "windows-1257" })).title,
    ).toBe("ėjo");
    const xml = iconv.encode('<?xml version="1.0" encoding="windows-1257"?><a>ėjo</a>', "windows-1257");
    expect((await readDocument("/a.xml", xml)).text).toContain("<a>ėjo</a>");
  });

  test("DOCX becomes HTML with its headings", async () => {
    const bytes = docx(paragraph("Глава", "Heading1") + paragraph("Текст & more".replace("&", "&amp;")));
    const read = await readDocument("/договор.docx", bytes);
    expect(read).toMatchObject({ title: "договор", format: "html" });
    expect(read.text).toBe("<h1>Глава</h1><p>Текст &amp; more</p>");
  });

  test("EPUB becomes HTML, chapters in their order", async () => {
    const read = await readDocument("/b.epub", epub({ "z 1.xhtml": "<p>Один</p>", "a.xhtml": "<p>Два</p>" }));
    expect(read).toMatchObject({ title: "Книга & Ко", format: "html", text: "<p>Один</p>\n<p>Два</p>" });
  });

  test("PDF keeps its pages", async () => {
    const read = await readDocument("/b.pdf", pdf(["First page.", "Second page."], "A title"));
    expect(read).toMatchObject({ title: "A title", format: "plain" });
    const [first, second] = read.pageStarts!;
    expect(first).toBe(0);
    expect(read.text.slice(0, second).trim()).toBe("First page.");
    expect(read.text.slice(second).trim()).toBe("Second page.");
  });

  test.each([
    ["empty.txt", Buffer.alloc(0), "it is empty"],
    ["blank.md", Buffer.from(" \n\n"), "it is empty"],
    ["a.pdf", Buffer.from("no PDF"), "it is damaged"],
    ["scan.pdf", pdf([""]), "it holds no text"],
    ["a.docx", Buffer.from("PK no zip"), "it is damaged"],
    ["a.docx", Buffer.from("d0cf11e0a1b11ae1".padEnd(2048, "0"), "hex"), "protected by a password"],
    ["a.docx", docx("<w:tbl><w:tr><w:tc>".repeat(20_000) + "</w:tc></w:tr></w:tbl>".repeat(20_000)), "nests"],
    ["a.epub", zip({ "x.xml": "<a/>" }), "it lacks META-INF/container.xml"],
    ["a.txt", Buffer.from("89504e470d0a1a0a0000000d49484452000000010000", "hex"), "it is not text"],
  ])("%s is refused with its reason", async (name, bytes, reason) => {
    const reading = readDocument(`/${name}`, bytes);
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(reason);
  });

  test("damage of any kind is an InputError", async () => {
    const whole: [string, Buffer][] = [
      ["a.docx", docx(paragraph("x"))],
      ["a.epub", epub({ "a.xhtml": "<p>x</p>" })],
      ["a.pdf", pdf(["x"])],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...whole),
        fc.array(fc.tuple(fc.nat(10_000), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        fc.nat(10_000),
        async ([name, bytes], changes, cut) => {
          const damaged = Buffer.from(cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes);
          for (const [at, value] of changes) if (damaged.length > 0) damaged[at % damaged.length] = value;
          await readDocument(`/${name}`, damaged).catch((error) => expect(error).toBeInstanceOf(InputError));
        },
      ),
    );
  });
});

test("an archive that unpacks to too much is given up", async () => {
  const bomb = zip({ "word/document.xml": new Uint8Array(4 * 1024 * 1024) });
  expect(bomb.length).toBeLessThan(10_000);
  await expect(readZip(bomb, () => true, 1024 * 1024)).rejects.toThrow("it unpacks to more than can be read");
  expect((await readZip(bomb, () => true)).size).toBe(1);
});

test("all that a DOCX unpacks to counts, whatever its parts are called", async () => {
  const parts = { "[Content_Types].xml": "<Types/>", "word/doc.bin": new Uint8Array(4 * 1024 * 1024) };
  await expect(readDocx(zip(parts), 1024 * 1024)).rejects.toThrow("it unpacks to more than can be read");
});

test("a chapter of an EPUB that is named again and again is read once", async () => {
  const bomb = zip({
    "META-INF/container.xml": '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>',
    "b.opf": `<package><manifest><item id="c" href="a.xhtml"/></manifest><spine>${'<itemref idref="c"/>'.repeat(1000)}</spine></package>`,
    "a.xhtml": "<body>Глава</body>",
  });
  expect((await readDocument("/a.epub", bomb)).text).toBe("Глава");
});

test("what an EPUB holds beside its text is not unpacked", async () => {
  const bomb = zip({ "OPS/chapter.bin": new Uint8Array(4 * 1024 * 1024), "OPS/a.xhtml": "<p>x</p>" });
  const read = await readZip(bomb, (name) => name.endsWith(".xhtml"), 1024);
  expect([...read.keys()]).toEqual(["OPS/a.xhtml"]);
});
