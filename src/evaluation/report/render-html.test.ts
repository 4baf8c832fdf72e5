/** The page as text: what is in it, and what hostile data cannot do to it. The browser has a test of its own. */
import { createHash } from "node:crypto";
import { Parser } from "htmlparser2";
import { expect, test } from "vitest";
import { exampleArena } from "../../../test/e2e/eval-report/example-arena.ts";
import { exampleRag } from "../../../test/e2e/eval-report/example-rag.ts";
import { HOSTILE } from "../../../test/e2e/eval-report/hostile.ts";
import { compareReports } from "./compare/compare-reports.ts";
import { TEXTS } from "./page/texts.ts";
import { renderHtml } from "./render-html.ts";

interface Element {
  name: string;
  attributes: Record<string, string>;
  text: string;
}

function elementsOf(markup: string): Element[] {
  const all: Element[] = [];
  const open: Element[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      const element = { name, attributes, text: "" };
      all.push(element);
      open.push(element);
    },
    ontext(text) {
      for (const element of open) element.text += text;
    },
    onclosetag() {
      open.pop();
    },
  });
  parser.end(markup);
  return all;
}

const arena = exampleArena({ isHostile: true, questions: 12 });
const rag = exampleRag({ isHostile: true, questions: 12 });
const page = renderHtml(
  [arena, rag],
  [compareReports(arena, exampleArena({ isHostile: true, questions: 12, seed: 8 }))],
);
const elements = elementsOf(page);
const named = (name: string) => elements.filter((element) => element.name === name);

test("one script and one style run, both by their hashes, and nothing else may", () => {
  const scripts = named("script").filter(({ attributes }) => attributes.type !== "application/json");
  expect(scripts).toHaveLength(1);
  expect(named("style")).toHaveLength(1);
  const policy = named("meta").find((meta) => meta.attributes["http-equiv"])!.attributes.content!;
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`script-src ${hash(scripts[0]!.text)}`);
  expect(policy).toContain(`style-src ${hash(named("style")[0]!.text)}`);
  expect(() => new Function(scripts[0]!.text)).not.toThrow();
});

test("data opens no element and has no attribute of its own", () => {
  const names = new Set(elements.map(({ name }) => name));
  for (const name of ["img", "iframe", "object", "embed", "link", "base", "form", "i"])
    expect(names).not.toContain(name);
  const attributes = new Set(elements.flatMap((element) => Object.keys(element.attributes)));
  expect([...attributes].filter((name) => /^on|^style$|^src$|^srcset$/.test(name))).toEqual([]);
  const links = elements.flatMap(({ attributes: { href } }) => (href === undefined ? [] : [href]));
  expect(links.every((href) => href.startsWith("#"))).toBe(true);
  expect(page).not.toMatch(/[\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/u);
});

test("hostile names are shown as the texts that they are", () => {
  const heads = named("th").map(({ text }) => text.trim());
  for (const name of [...HOSTILE.slice(0, 4), "a[U+2028]b[U+2029]c", "half [U+D800] pair"])
    expect(heads).toContain(name);
});

test("ids are unique, and what refers to an id finds it", () => {
  const ids = elements.flatMap(({ attributes: { id } }) => (id === undefined ? [] : [id]));
  expect(new Set(ids).size).toBe(ids.length);
  const wanted = elements.flatMap(({ attributes: a }) =>
    [a["aria-labelledby"], a["aria-describedby"], a.href?.slice(1)].filter((id) => id !== undefined),
  );
  expect(wanted.length).toBeGreaterThan(20);
  expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
});

test("every table has a caption, heads with a scope, and rows as long as its head", () => {
  const tables = page.match(/<table>[\s\S]*?<\/table>/g)!.map(elementsOf);
  expect(tables.length).toBeGreaterThan(10);
  const width = (cells: Element[]) =>
    cells.reduce((sum, { attributes }) => sum + Number(attributes.colspan ?? 1), 0);
  for (const table of tables) {
    expect(table[1]!.name).toBe("caption");
    expect(table.filter(({ name }) => name === "th").every(({ attributes }) => attributes.scope)).toBe(true);
    const rows: Element[][] = [];
    for (const element of table) {
      if (element.name === "tr") rows.push([]);
      if (element.name === "td" || element.name === "th") rows.at(-1)!.push(element);
    }
    expect(new Set(rows.map(width)).size).toBe(1);
  }
});

test("words of the interface can all be put into Russian", () => {
  const keys = elements.flatMap(({ attributes }) => attributes["data-t"] ?? []);
  expect(keys.filter((key) => !Object.hasOwn(TEXTS, key))).toEqual([]);
  expect(new Set(keys).size).toBeGreaterThan(80);
});

test("figures are drawn where they are, and none is undefined", () => {
  const svg = named("svg").map(({ attributes }) => attributes);
  expect(svg.length).toBeGreaterThan(10);
  const outside = elements.filter(
    ({ name, attributes }) =>
      ["path", "circle", "rect", "text", "svg"].includes(name) &&
      /NaN|Infinity|undefined/.test(JSON.stringify(attributes)),
  );
  expect(outside).toEqual([]);
  const leader = arena.leaderboard[0]!;
  expect(page).toContain(`<td class="n">${leader.rating.toFixed(0)}</td>`);
});

test("texts of many verdicts are written once", () => {
  const answer = arena.verdicts[0]!.baselineAnswer!;
  expect(page.split(JSON.stringify(answer).slice(1, -1)).length - 1).toBe(1);
});

test("nothing at all is a page as well", () => {
  const empty = {
    ...arena,
    leaderboard: [],
    comparisons: [],
    topics: [],
    verdicts: [],
    winRates: { models: [], rates: [] },
  };
  expect(elementsOf(renderHtml([empty])).some(({ name }) => name === "table")).toBe(true);
  const bare = {
    ...rag,
    rows: [],
    noise: [],
    counterfactual: [],
    attacks: [],
    calibration: [],
    questions: [],
  };
  expect(renderHtml([bare])).toContain("None: every question has its answer");
});
