/** What people do on the page, over the real server with the small model that ships; what it says is not looked at. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinyPdf } from "../../conformance/tiny-pdf.ts";
import { answerText, ask, axeFindings, CHROMIUM, launch } from "./browser.ts";
import { withRealPage } from "./real-page.ts";
import { buildWeb } from "./start-server.ts";

const COLLECTION = resolve(import.meta.dirname, "../../../examples/collection");
const FILES = ["suppliers.md", "food-safety.txt"].map((name) => join(COLLECTION, name));
const QUESTION = "Where does the rye flour come from?";

describe.skipIf(!CHROMIUM)("the web page over the real server", () => {
  let browser: Browser;
  beforeAll(async () => {
    await buildWeb();
    browser = await launch();
  });
  afterAll(() => browser?.close());

  const last = (page: Page, state: string) => page.locator(`.turn:last-child:is(${state})`).waitFor();
  const DONE = '[data-state="done"]';

  test("questions, answers anew, other questions, no documents, what is kept; no serious finding on the way", () =>
    withRealPage(browser, { reducedMotion: "reduce" }, async (page) => {
      const findings: unknown[] = [];
      const look = async () => findings.push(...(await axeFindings(page)));
      await page.locator("input[type=file]").setInputFiles(FILES);
      await page.locator(".documents .rows li").nth(1).waitFor();
      await ask(page, QUESTION);
      await look();
      await page.locator(".cite, .hit").first().click();
      await page.locator(".panel mark").first().waitFor();
      await look();
      await page.keyboard.press("Escape");

      await page.getByRole("button", { name: "Answer anew" }).click();
      await last(page, DONE);
      await page.getByRole("button", { name: "Edit the question" }).click();
      await page.getByRole("textbox", { name: "Edit the question" }).fill("Who swims across the Volga?");
      await page.keyboard.press("Enter");
      await page.locator(".question", { hasText: "Volga" }).waitFor();
      await last(page, DONE);
      await expect.poll(() => page.locator(".turn").count()).toBe(1);
      await ask(page, "And when?");
      await expect.poll(() => page.locator(".turn").count()).toBe(2);

      await page.getByLabel("Without documents").check();
      await page.fill("#question", "Tell a long story.");
      await page.keyboard.press("Enter");
      await page.locator(".turn:last-child .answer").waitFor();
      await page.keyboard.press("Escape");
      // A short story may have ended by itself.
      await last(page, `[data-state="stopped"], ${DONE}`);

      await page.reload();
      await page.locator(".conversations .row-main").first().click();
      await expect.poll(() => page.locator(".turn").count()).toBe(3);
      await page.locator(".menu summary").click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByText("as JSON").click(),
      ]);
      const { conversations } = JSON.parse(readFileSync(await download.path(), "utf8")) as {
        conversations: { turns: object[] }[];
      };
      expect(conversations[0]!.turns).toHaveLength(3);
      expect(findings).toEqual([]);
    }));

  test("collections, folders, documents and the HTTP interface", () =>
    withRealPage(browser, { model: "quotes" }, async (page, server) => {
      await page.locator(".no-model").waitFor();
      await page.getByRole("button", { name: "New collection" }).click();
      await page.getByLabel("Name of the new collection").fill("книги");
      await page.keyboard.press("Enter");
      const chosen = page.getByLabel("Collection", { exact: true });
      await expect.poll(() => chosen.inputValue(), { timeout: 30_000 }).toBe("книги");
      await page.getByText("Link a folder or a web page").click();
      await page.getByLabel("Path or address").fill(COLLECTION);
      await page.keyboard.press("Enter");
      await page.locator(".documents .rows li").nth(5).waitFor();
      await ask(page, QUESTION);
      await expect.poll(() => page.locator(".cite").count()).toBeGreaterThan(0);
      await expect.poll(() => answerText(page)).toContain("Verkhny Brod");
      await page.locator(".rows li", { hasText: COLLECTION }).last().hover();
      await page.getByRole("button", { name: `Unlink ${COLLECTION}` }).click();
      await page.locator(".documents").getByRole("button", { name: "Unlink", exact: true }).click();
      await page.getByText("Nothing here yet.").waitFor();
      await page.getByRole("button", { name: "Delete the collection книги" }).click();
      await page.locator(".collections").getByRole("button", { name: "Delete", exact: true }).click();
      await page.getByRole("button", { name: "Delete the collection книги" }).waitFor({ state: "detached" });
      await page.goto(`${server.url}/docs`);
      await page.locator(".endpoint h2", { hasText: "POST /v1/chat/completions" }).waitFor();
    }));

  test("a citation of a PDF leads to its page", () =>
    withRealPage(browser, { model: "quotes" }, async (page, server) => {
      const pages = [
        "The cape was mapped in 1871.",
        "The lighthouse of Cape Severny was built in 1934 by Anna Orlova.",
        "Ships pass the cape in July.",
      ];
      await page.locator("input[type=file]").setInputFiles({
        name: "cape.pdf",
        mimeType: "application/pdf",
        buffer: Buffer.from(tinyPdf(pages, "Cape Severny")),
      });
      await page.locator(".documents .row-main", { hasText: "Cape Severny" }).waitFor();
      await ask(page, "Who built the lighthouse, and when?");
      await expect.poll(() => answerText(page)).toContain("1934 by Anna Orlova");
      await page.locator(".cite").first().click();
      await page.locator(".panel:has(.page-mark) mark", { hasText: "lighthouse" }).waitFor();
      await expect.poll(() => page.locator(".panel-page").textContent()).toBe("page 2");
      await expect
        .poll(() => page.locator(".page-mark").allTextContents())
        .toEqual(["page 1", "page 2", "page 3"]);
      const file = (await page.locator(".panel a").getAttribute("href"))!;
      expect(file).toMatch(/#page=2$/);
      const { headers, bytes } = await page.request
        .get(`${server.url}${file}`)
        .then(async (response) => ({ headers: response.headers(), bytes: await response.body() }));
      expect(headers["content-type"]).toBe("application/pdf");
      expect(bytes.toString("latin1")).toBe(tinyPdf(pages, "Cape Severny"));
    }));
});
