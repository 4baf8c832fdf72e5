/** The report of an evaluation as a person opens it: from a file, in a real browser, on a phone, on paper. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { getDocumentProxy } from "unpdf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rankText } from "../../src/evaluation/report/arena/leaderboard-table.ts";
import { compareReports } from "../../src/evaluation/report/compare/compare-reports.ts";
import { renderHtml } from "../../src/evaluation/report/render-html.ts";
import { exampleArena } from "./eval-report/example-arena.ts";
import { exampleRag } from "./eval-report/example-rag.ts";
import { HOSTILE } from "./eval-report/hostile.ts";
import { axeFindings, CHROMIUM, launch, openPage } from "./web/browser.ts";

/** What a reader sees; what is hidden is not in it. */
const shownText = async (page: Page): Promise<string> =>
  ((await page.evaluate("document.body.innerText")) as string).replace(/\s+/g, " ");

const withoutSpaces = (text: string): string => text.replace(/\s/g, "");

/** A4 on its side less the margins of the page's style, in CSS pixels. */
const PAPER_WIDTH = Math.floor(((297 - 2 * 12) / 25.4) * 96);

describe.skipIf(!CHROMIUM)("the report", () => {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-report-"));
  const arena = exampleArena();
  const rag = exampleRag();
  const files = {
    all: renderHtml([arena, rag], [compareReports(exampleArena({ seed: 8 }), arena)]),
    hostile: renderHtml([exampleArena({ isHostile: true }), exampleRag({ isHostile: true })]),
    many: renderHtml([exampleArena({ models: 43, questions: 10 })]),
  };
  let browser: Browser;
  beforeAll(async () => {
    for (const [name, page] of Object.entries(files)) writeFileSync(join(folder, `${name}.html`), page);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  async function withPage(
    file: keyof typeof files,
    options: BrowserContextOptions,
    run: (page: Page) => Promise<void>,
  ): Promise<void> {
    const url = pathToFileURL(join(folder, `${file}.html`)).href;
    const { page, faults, close } = await openPage(browser, url, { path: "", ...options });
    page.setDefaultTimeout(15_000);
    try {
      await run(page);
      expect(faults).toEqual([]);
      if (options.javaScriptEnabled === false) return;
      expect(await page.evaluate("window.violations")).toEqual([]);
      expect(await page.evaluate("window.broken")).toBeUndefined();
    } finally {
      await close();
    }
  }

  const browserOf = (page: Page, name: string) => page.locator(`[data-browser="${name}"]`);
  const statusOf = (page: Page, name: string) => browserOf(page, name).locator("[role=status]").textContent();

  test.each(["en-US", "ru-RU"])("no serious finding in either theme, with items open: %s", (locale) =>
    withPage("all", { locale, reducedMotion: "reduce" }, async (page) => {
      await expect.poll(() => page.evaluate("document.documentElement.lang")).toBe(locale.slice(0, 2));
      for (const name of ["report-0-browser", "report-1-browser", "comparison-0-browser"])
        await browserOf(page, name).locator("summary").first().click();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await axeFindings(page)).toEqual([]);
      }
    }),
  );

  test("both themes have colours of their own", () =>
    withPage("all", {}, async (page) => {
      const look = async (colorScheme: "light" | "dark") => {
        await page.emulateMedia({ colorScheme });
        return page.evaluate(
          "[document.documentElement, document.querySelector('.h8'), document.querySelector('svg text')].map((e) => getComputedStyle(e).backgroundColor + getComputedStyle(e).fill)",
        ) as Promise<string[]>;
      };
      const [light, dark] = [await look("light"), await look("dark")];
      for (const [i, colors] of light.entries()) expect(dark[i]).not.toBe(colors);
    }));

  test("the language follows the browser and the switch, in items as well", () =>
    withPage("all", { locale: "ru-RU" }, async (page) => {
      await expect.poll(() => page.title()).toBe("Оценка");
      await expect.poll(() => page.locator("#report-0-leaderboard").textContent()).toBe("Рейтинг моделей");
      await browserOf(page, "report-0-browser").locator("summary").first().click();
      const label = browserOf(page, "report-0-browser").locator("h4").nth(1);
      await expect.poll(() => label.textContent()).toBe(`Ответ ${arena.verdicts[0]!.model}`);
      await page.getByRole("button", { name: "English" }).click();
      await expect.poll(() => page.locator("#report-0-leaderboard").textContent()).toBe("Leaderboard");
      await expect.poll(() => label.textContent()).toBe(`Answer of ${arena.verdicts[0]!.model}`);
      await expect
        .poll(() => page.getByRole("button", { name: "English" }).getAttribute("aria-pressed"))
        .toBe("true");
      await expect.poll(() => page.evaluate("document.documentElement.lang")).toBe("en");
    }));

  test("verdicts are filtered by model, topic, disagreement and failure, searched, paged and opened", () =>
    withPage("all", {}, async (page) => {
      const name = "report-0-browser";
      const own = browserOf(page, name);
      const total = arena.verdicts.length;
      const count = (isMeant: (verdict: (typeof arena.verdicts)[number]) => boolean) =>
        `${arena.verdicts.filter(isMeant).length} of ${total}`;
      const choose = async (label: string, option: string | RegExp) => {
        const select = own.getByLabel(label, { exact: true });
        const all = await select.locator("option").allTextContents();
        const wanted = all.find((text) =>
          typeof option === "string" ? text === option : option.test(text),
        )!;
        await select.selectOption({ label: wanted });
      };
      await expect.poll(() => statusOf(page, name)).toBe(`${total} of ${total}`);
      await choose("Model", /^aya-23-8b \(40\)$/);
      await expect.poll(() => statusOf(page, name)).toBe(count(({ model }) => model === "aya-23-8b"));
      await choose("Topic", /^SQL/);
      await expect
        .poll(() => statusOf(page, name))
        .toBe(count(({ model, topic }) => model === "aya-23-8b" && topic!.startsWith("SQL")));
      await choose("Model", "all");
      await choose("Topic", "all");
      await choose("Notable", /^disagrees after the swap/);
      await expect.poll(() => statusOf(page, name)).toBe(count(({ isContradictory }) => isContradictory));
      await choose("Notable", /^two labels/);
      await expect
        .poll(() => statusOf(page, name))
        .toBe(count(({ games }) => games.some((g) => g.failure === "two-labels")));
      await choose("Notable", "all");

      // A text that only answers or judgments have, in letters of another case, and with marks of patterns.
      await own.getByLabel("Text", { exact: true }).fill("ВАЖНО:** ПРОВЕРЬТЕ");
      const hasText = (verdict: (typeof arena.verdicts)[number]) =>
        JSON.stringify(verdict).toLowerCase().includes("важно:** проверьте");
      const expected = count(hasText);
      await expect.poll(() => statusOf(page, name)).toBe(expected);
      await own.getByLabel("Text", { exact: true }).fill("");
      await expect.poll(() => statusOf(page, name)).toBe(`${total} of ${total}`);

      // With keys alone: to the next page, back again, and an item.
      await expect.poll(() => own.getByText("page 1 of 22").count()).toBe(1);
      await own.getByRole("button", { name: "Next" }).focus();
      await page.keyboard.press("Enter");
      await expect.poll(() => own.getByText("page 2 of 22").count()).toBe(1);
      await expect.poll(() => own.locator(".title").first().textContent()).toBe(arena.verdicts[20]!.question);
      await own.locator("summary").first().focus();
      await page.keyboard.press("Enter");
      const shown = arena.verdicts[20]!;
      await own.locator(".part").first().waitFor();
      await expect
        .poll(() => own.locator(".part .text").allTextContents())
        .toEqual([
          shown.question,
          shown.answer,
          shown.baselineAnswer,
          ...shown.games.map(({ judgment }) => judgment),
        ]);
    }));

  test("questions of the RAG benchmark are filtered and opened", () =>
    withPage("all", {}, async (page) => {
      const name = "report-1-browser";
      const own = browserOf(page, name);
      const total = rag.questions.length;
      const failed = rag.questions.filter(({ failure }) => failure === "http-429").length;
      const outcome = own.getByLabel("Outcome", { exact: true });
      await outcome.selectOption({ label: `HTTP 429 (${failed})` });
      await expect.poll(() => statusOf(page, name)).toBe(`${failed} of ${total}`);
      await outcome.selectOption("");
      const missed = rag.questions.filter(
        (q) => q.predictedIds && !q.expectedIds.every((id) => q.predictedIds!.includes(id)),
      );
      const extra = rag.questions.filter((q) => q.predictedIds?.some((id) => !q.expectedIds.includes(id)));
      expect(missed).toEqual([]);
      await own.getByLabel("Ids", { exact: true }).selectOption({ label: `ids too many (${extra.length})` });
      await expect.poll(() => statusOf(page, name)).toBe(`${extra.length} of ${total}`);
      await own.locator("summary").first().click();
      await own.locator(".part").first().waitFor();
      await expect
        .poll(() => own.locator(".part .text").allTextContents())
        .toEqual([
          extra[0]!.question,
          extra[0]!.expectedIds.join(", "),
          "0, 1",
          extra[0]!.answer,
          extra[0]!.reference,
          extra[0]!.judgment,
          ...extra[0]!.documents.map(({ content }) => content),
        ]);
    }));

  test("hostile texts are texts, in tables, filters and open items", () =>
    withPage("hostile", {}, async (page) => {
      for (const name of ["report-0-browser", "report-1-browser"]) {
        const own = browserOf(page, name);
        const pages = Number(/of (\d+)/.exec((await own.locator(".pager span").textContent())!)![1]);
        for (let i = 0; i < Math.min(2, pages); i++) {
          for (const summary of await own.locator("summary").all()) await summary.click();
          await own.getByRole("button", { name: "Next" }).click();
        }
        await own.getByLabel("Text", { exact: true }).fill("</script>");
        await expect.poll(() => statusOf(page, name)).not.toMatch(/^0 /);
      }
      const options = await browserOf(page, "report-0-browser")
        .locator("select")
        .first()
        .locator("option")
        .allTextContents();
      expect(options.some((option) => option.startsWith(HOSTILE[0]!))).toBe(true);
      await expect.poll(() => page.locator("img, iframe, [onload], [onerror]").count()).toBe(0);
      await expect.poll(() => page.locator("body script:not([type])").count()).toBe(1);
    }));

  test("without scripts tables, plots and the manifest are there to read", () =>
    withPage("all", { javaScriptEnabled: false }, async (page) => {
      const text = await shownText(page);
      for (const words of ["Leaderboard", "Command", arena.leaderboard[0]!.rating.toFixed(0), "ROUGE-L"])
        expect(text).toContain(words);
      expect(text).toContain("Single verdicts are shown by the script");
    }));

  test.each(["all", "many"] as const)("on a phone only tables and plots scroll, never the page: %s", (file) =>
    withPage(file, { viewport: { width: 360, height: 740 }, isMobile: true }, async (page) => {
      await page.locator(".browser summary").first().click();
      await expect.poll(() => page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    }),
  );

  test.each(["all", "hostile", "many"] as const)("on paper nothing is wider than the page: %s", (file) =>
    withPage(file, { viewport: { width: PAPER_WIDTH, height: 720 } }, async (page) => {
      await page.emulateMedia({ media: "print" });
      const wide = await page.evaluate(`[...document.querySelectorAll("table, svg, pre")]
        .map((e) => [e.textContent.slice(0, 60), e.getBoundingClientRect().right])
        .filter(([, right]) => right > ${PAPER_WIDTH} + 0.5)`);
      expect(wide).toEqual([]);
      await expect.poll(() => page.locator(".filters").first().isVisible()).toBe(false);
    }),
  );

  test("the PDF cuts no row, and every page of a table begins with its head", () =>
    withPage("many", {}, async (page) => {
      const pdf = await getDocumentProxy(new Uint8Array(await page.pdf({ preferCSSPageSize: true })));
      expect(pdf.numPages).toBeGreaterThan(2);
      const pages: string[] = [];
      for (let number = 1; number <= pdf.numPages; number++) {
        const { items } = await (await pdf.getPage(number)).getTextContent();
        pages.push(withoutSpaces(items.map((item) => ("str" in item ? item.str : "")).join("")));
      }
      const { leaderboard, baseline } = exampleArena({ models: 43, questions: 10 });
      const places = leaderboard.map(({ model, rank, rating, ratingIntervals: { byQuestion }, elo }) => {
        const rounded = [rating, byQuestion.low, byQuestion.high].map((figure) => figure.toFixed(0));
        // In the order of the row: its name, of several lines perhaps, and its first figures.
        const row = withoutSpaces(
          `${model}${model === baseline ? "baseline" : ""}${rankText(rank)}${rounded[0]}${rounded[1]}–${rounded[2]}`,
        );
        const found = pages.flatMap((page, i) => (page.includes(row) ? [i] : []));
        expect([model, ...found]).toHaveLength(2);
        expect(pages[found[0]!]).toContain("95%byquestion");
        expect(pages[found[0]!]).toContain(elo.toFixed(0));
        return found[0]!;
      });
      expect(new Set(places).size).toBeGreaterThan(1);
    }));
});
