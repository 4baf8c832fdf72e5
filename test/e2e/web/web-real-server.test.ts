/** The real server on the page: models that it fetches, when it is away, and what axe finds then. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeHub, startFakeHub } from "../fake-hub.ts";
import { answerText, ask, axeFindings, CHROMIUM, launch } from "./browser.ts";
import { withRealPage } from "./real-page.ts";
import { buildWeb } from "./start-server.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const PAPERS = ["suppliers.md", "смены.md"].map((name) => join(ROOT, "examples/collection", name));
const PATIENT = { timeout: 30_000 };
const QUESTION = "Where does the rye flour come from?";

describe.skipIf(!CHROMIUM)("the real server on the page", () => {
  let browser: Browser;
  beforeAll(async () => {
    await buildWeb();
    browser = await launch();
  });
  afterAll(() => browser?.close());

  async function addPapers(page: Page): Promise<void> {
    await page.locator("input[type=file]").setInputFiles(PAPERS);
    await page.locator(".documents .rows li").nth(1).waitFor();
  }

  describe("a model from a hub", () => {
    let hub: FakeHub;
    beforeAll(async () => {
      hub = await startFakeHub(readFileSync(join(ROOT, "models/nano.gguf")));
    });
    afterAll(() => hub.close());

    test("is downloaded, stopped on the way, downloaded for good, and answers", () =>
      withRealPage(browser, { model: "quotes", env: { HF_ENDPOINT: hub.url } }, async (page) => {
        const progress = page.locator(".pull progress");
        const share = async () =>
          Number(await progress.getAttribute("value")) / Number(await progress.getAttribute("max"));
        hub.isSlow = true;
        await page.getByRole("button", { name: /^Download vikhr-8b/ }).click();
        await expect.poll(share, PATIENT).toBeGreaterThan(0.01);
        expect(await share()).toBeLessThan(1);
        await page.locator(".pull").getByRole("button", { name: "Cancel" }).click();
        await page.getByRole("button", { name: /^Go on downloading vikhr-8b/ }).click();
        await expect.poll(share, PATIENT).toBeGreaterThan(0.01);
        hub.isSlow = false;
        await page.locator(".top-model", { hasText: "vikhr-8b" }).waitFor();
        await expect.poll(() => page.locator(".no-model").count()).toBe(0);
        await addPapers(page);
        await ask(page, QUESTION);
        await expect.poll(() => page.locator(".by").textContent()).toMatch(/^answered by vikhr-8b/);
      }));
  });

  test("that is killed is said to be away; it is found again, with its documents, and answers", () =>
    withRealPage(browser, { model: "quotes", reducedMotion: "reduce" }, async (page, server) => {
      await addPapers(page);
      await ask(page, QUESTION);
      const answer = await answerText(page);
      await server.kill();
      await ask(page, "And butter?", "broken");
      await page.locator(".banner", { hasText: "cannot be reached" }).waitFor();
      await page.fill("#question", "More?");
      await expect.poll(() => page.locator(".composer .round").isDisabled()).toBe(true);
      expect(await axeFindings(page)).toEqual([]);
      await server.restart();
      await page.locator(".banner").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Try again" }).click();
      await page.locator('.turn:last-child[data-state="done"]').waitFor();
      await expect.poll(() => page.locator(".documents .rows li").count()).toBe(2);
      await ask(page, QUESTION);
      await expect.poll(() => answerText(page)).toBe(answer);
    }));

  test("speaks Russian: an answer, a refusal, settings, away; no serious finding", () =>
    withRealPage(
      browser,
      { model: "quotes", locale: "ru-RU", reducedMotion: "reduce" },
      async (page, server) => {
        const findings: Record<string, unknown> = {};
        const look = async (state: string) => {
          const found = await axeFindings(page);
          if (found.length > 0) findings[state] = found;
        };
        await page.getByRole("heading", { name: "Спросите свои документы" }).waitFor();
        await expect.poll(() => page.evaluate("document.documentElement.lang")).toBe("ru");
        await addPapers(page);
        await look("documents");
        await ask(page, "Сколько доплачивают за дежурство по печи?");
        await expect.poll(() => answerText(page)).toContain("900 рублей");
        await look("answer");
        await ask(page, "Кто открыл Антарктиду?");
        await page.locator(".refusal", { hasText: "В документах нет ответа на этот вопрос" }).waitFor();
        await look("refusal");
        await page.locator(".sidebar-footer button").click();
        await page.locator("dialog .models", { hasText: "nano" }).waitFor();
        await look("settings");
        await page.keyboard.press("Escape");
        await server.kill();
        await ask(page, "Кто печёт хлеб?", "broken");
        await page.locator(".banner", { hasText: "Сервер недоступен" }).waitFor();
        await look("away");
        expect(findings).toEqual({});
      },
    ));
});
