/** The page in a real browser: from dropped files to a cited answer and its source, and what it costs to load. */
import { mkdirSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, launch, openPage } from "./web/browser.ts";
import { type FakeState, startFakeServer } from "./web/fake-server.ts";
import { SCENES } from "./web/scripts.ts";
import { buildWeb, KINDS, startRealServer, startServer } from "./web/start-server.ts";

/** `VIKHR_SCREENSHOTS=docs/screenshots` keeps them. */
const SHOTS = process.env.VIKHR_SCREENSHOTS
  ? resolve(process.env.VIKHR_SCREENSHOTS)
  : mkdtempSync(join(tmpdir(), "vikhr-shots-"));

const COLLECTION = resolve(import.meta.dirname, "../../examples/collection");
const PAPERS = ["смены.md", "закваска.md", "oven.html"].map((name) => join(COLLECTION, name));
const QUESTION = "Сколько доплачивают за дежурство по печи?";

/** The fake says what a model would. */
const BAKERY: Partial<FakeState> = {
  answers: new Map([
    [
      QUESTION,
      {
        relevance: { "Смены и дежурства": 0.96 },
        sentences: [
          {
            text: "За дежурство доплачивают **900 рублей**.",
            quotes: [["Смены и дежурства", "За дежурство доплачивают 900 рублей."]],
          },
        ],
      },
    ],
  ]),
};

const INITIAL_KILOBYTES = 100;
/** What the web's vitals call good. */
const LAYOUT_SHIFT = 0.1;

describe.skipIf(!CHROMIUM)("the web page", () => {
  let browser: Browser;
  beforeAll(async () => {
    await buildWeb();
    browser = await launch();
  });
  afterAll(() => browser?.close());

  test.each(KINDS)(
    "files, a question, relevant documents, an answer, its source: %s server",
    async (kind) => {
      const server = await startServer(kind, BAKERY);
      const { page, faults, close } = await openPage(browser, server.url);
      try {
        await page.locator("input[type=file]").setInputFiles(PAPERS);
        await page.locator(".ingestion", { hasText: "3 files added" }).waitFor();
        await expect.poll(() => page.locator(".documents .rows li").count()).toBe(3);

        await page.fill("#question", QUESTION);
        await page.keyboard.press("Enter");
        await page.locator(".turn-footer").waitFor({ timeout: 120_000 });
        await expect.poll(() => page.locator(".turn").getAttribute("data-state")).toBe("done");
        const refused = await page.locator(".refusal").count();
        // The small model may refuse: then the nearest documents are there, and lead to their sources.
        await expect.poll(() => page.locator(".hit").count()).toBeGreaterThan(0);
        await expect.poll(() => page.locator(".percent").first().textContent()).toMatch(/^\d+\s?%$/);
        if (kind === "fake") expect(refused).toBe(0);
        await page
          .locator(refused ? ".hit" : ".cite")
          .first()
          .click();
        await page.locator(".panel mark").first().waitFor();
        await expect.poll(() => page.locator(".panel mark").first().textContent()).toMatch(/\S/);
        // The page scrolls there.
        await expect.poll(() => isInView(page, ".panel mark")).toBe(true);
        const file = await page.locator(".panel a").getAttribute("href");
        expect((await page.request.get(`${server.url}${file}`)).status()).toBe(200);

        expect(faults).toEqual([]);
        expect(await page.evaluate("window.violations")).toEqual([]);
        expect(await page.evaluate("window.layoutShift")).toBeLessThan(LAYOUT_SHIFT);
        const paints = "performance.getEntriesByName('first-contentful-paint').length";
        expect(await page.evaluate(paints)).toBe(1);
      } finally {
        await close();
        await server.close();
      }
    },
  );

  test("little script comes before the first interaction, and the rest when it is needed", async () => {
    const server = await startFakeServer({ collections: new Map([["default", SCENES.en.documents]]) });
    const { page, scripts, close } = await openPage(browser, server.url);
    await page.locator(".documents .rows li").first().waitFor();
    await page.waitForLoadState("networkidle");
    const sizes = () => [...scripts.values()].map((bytes) => gzipSync(bytes).length);
    const initial = sizes().reduce((sum, size) => sum + size, 0);
    console.log(
      `the web page: ${(initial / 1000).toFixed(1)} kB of compressed script before the first interaction`,
    );
    expect(initial).toBeGreaterThan(10_000);
    expect(initial).toBeLessThan(INITIAL_KILOBYTES * 1000);
    const before = scripts.size;
    await page.locator(".sidebar-footer button").click();
    await page.locator("dialog").waitFor();
    await expect.poll(() => scripts.size).toBeGreaterThan(before);
    // A page that can be kept: names with hashes, no maps.
    for (const address of scripts.keys()) expect(address).toMatch(/\/assets\/[\w-]+-[\w-]{8}\.js$/);
    for (const bytes of scripts.values()) expect(bytes.toString("utf8")).not.toContain("sourceMappingURL");
    await close();
    await server.close();
  });

  test("files dropped anywhere on the page are added; those that cannot be read are named", async () => {
    const server = await startFakeServer();
    const { page, faults, close } = await openPage(browser, server.url);
    await page.locator(".empty p", { hasText: "Add some" }).waitFor();
    const transfer = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File(["# Rye\\n\\nBake it."], "rye.md"));
      data.items.add(new File(["%PDF"], "old.scan.pdf"));
      return data;
    })()`);
    await page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
    await page.locator(".drop-overlay").waitFor();
    await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
    await page.locator(".failed", { hasText: "old.scan.pdf it holds no text" }).waitFor();
    await expect.poll(() => page.locator(".drop-overlay").count()).toBe(0);
    await expect.poll(() => page.locator(".documents .row-main").allTextContents()).toEqual(["Rye"]);
    expect(faults).toEqual([]);
    await close();
    await server.close();
  });

  test.each([
    [
      "en",
      "light",
      "en-US",
      ["suppliers.md", "food-safety.txt", "oven.html"],
      "Where does the rye flour come from, and when?",
    ],
    ["ru", "dark", "ru-RU", ["смены.md", "закваска.md", "возвраты.txt"], QUESTION],
  ] as const)(
    "screenshots: %s, %s, quotes without a model",
    async (language, colorScheme, locale, files, question) => {
      mkdirSync(SHOTS, { recursive: true });
      // What the small model writes of real documents is no picture to show: quotes are.
      const server = await startRealServer("quotes");
      const { page, close } = await openPage(browser, server.url, {
        colorScheme,
        locale,
        reducedMotion: "reduce",
      });
      await page.locator("input[type=file]").setInputFiles(files.map((name) => join(COLLECTION, name)));
      await page.locator(".documents .rows li").nth(2).waitFor();
      await page.fill("#question", question);
      await page.keyboard.press("Enter");
      await page.locator('.turn[data-state="done"]').waitFor({ timeout: 120_000 });
      await page.locator(".cite, .hit").first().click();
      await page.locator(".panel mark").first().waitFor();
      const path = join(SHOTS, `web-${language}-${colorScheme}.png`);
      await page.screenshot({ path });
      expect(statSync(path).size).toBeGreaterThan(20_000);
      await close();
      await server.close();
    },
  );
});

const isInView = (page: Page, selector: string) =>
  page.evaluate(`(() => {
    const box = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight && box.height > 0;
  })()`);
