/** The page where things are not as they should be: streams that break, servers that are away, busy or locked. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerText, ask, CHROMIUM, launch } from "./browser.ts";
import { withFakePage } from "./fake-page.ts";
import { type FakeServer, startFakeServer } from "./fake-server.ts";
import { SCENES } from "./scripts.ts";
import { buildWeb } from "./start-server.ts";

const { question } = SCENES.en;
const PARSER = /\/assets\/parse-markdown-/;
const PARTS = /\/assets\/(source-panel|settings-dialog)-/;

describe.skipIf(!CHROMIUM)("the web page", () => {
  let browser: Browser;
  beforeAll(async () => {
    await buildWeb();
    browser = await launch();
  });
  afterAll(() => browser?.close());

  const withPage = (run: (page: Page, server: FakeServer) => Promise<void>) => withFakePage(browser, {}, run);

  test("a stream that breaks leaves what was there, and goes on where it was", () =>
    withPage(async (page, server) => {
      server.state.breakAfter = 12;
      await ask(page, question, "broken");
      const partial = await answerText(page);
      expect(partial).toContain("Only Voyager 2 went on to Uranus");
      await page.getByRole("button", { name: "Go on" }).click();
      await page.locator('.turn[data-state="done"]').waitFor();
      const first = (await page.locator(".answer > p").first().textContent())!;
      expect(first.startsWith(partial.slice(0, 40))).toBe(true);
      const [before, after] = server.state.asked;
      expect(after!.seed).toBe(before!.seed);
    }));

  test("the parser of answers comes while documents are searched", () =>
    withPage(async (page) => {
      await page.route("**/v1/ask", () => undefined);
      const parser = page.waitForRequest(PARSER);
      await ask(page, question, "searching");
      await parser;
    }));

  test("an answer whose parser cannot come stays as it is written, until the next one", () =>
    withPage(async (page) => {
      await page.route(PARSER, (route) => route.abort());
      await ask(page, question);
      await page.locator(".answer .plain", { hasText: "Only Voyager 2 went on to **Uranus**" }).waitFor();
      await expect.poll(() => page.locator(".cite").allTextContents()).toEqual(["1", "2", "3", "4"]);
      await page.unroute(PARSER);
      await ask(page, question);
      await page.locator(".answer strong").nth(3).waitFor();
    }));

  test("a part that cannot come leaves the page as it is, and comes when it is opened again", () =>
    withPage(async (page) => {
      await ask(page, question);
      await page.route(PARTS, (route) => route.abort());
      const cite = page.locator(".cite").first();
      const settings = page.getByRole("button", { name: "Settings" });
      for (const opener of [cite, settings]) {
        await Promise.all([page.waitForEvent("requestfailed"), opener.click()]);
        await page.locator(".panel, dialog").waitFor({ state: "detached" });
      }
      await page.unroute(PARTS);
      await cite.click();
      await page.locator(".panel mark").waitFor();
      await settings.click();
      await page.locator("dialog[open]").waitFor();
    }));

  test("a server that is away is said to be, and found again without anybody's help", () =>
    withPage(async (page, server) => {
      const port = Number(new URL(server.url).port);
      await ask(page, question);
      await server.close();
      await ask(page, question, "broken");
      await page.locator(".banner", { hasText: "cannot be reached" }).waitFor();
      await page.fill("#question", "More?");
      await expect.poll(() => page.locator(".composer .round").isDisabled()).toBe(true);
      const again = await startFakeServer(server.state, port);
      await page.locator(".banner").waitFor({ state: "detached" });
      await expect.poll(() => page.locator(".composer .round").isEnabled()).toBe(true);
      await again.close();
    }));

  test("a busy server says when to come again; one that forbids, why", () =>
    withPage(async (page, server) => {
      server.state.isBusy = true;
      await ask(page, question, "failed");
      await expect
        .poll(() => page.getByRole("alert").textContent())
        .toBe("The server is busy. Try again in 7 seconds.");
      server.state.isBusy = false;
      server.state.collections.clear();
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("The server refused this: there is no collection default").waitFor();
    }));

  test("a key is asked for, kept for the tab only, and sent", () =>
    withPage(async (page, server) => {
      server.state.key = "secret";
      await page.reload();
      await page.getByLabel("API key").fill("wrong");
      await page.keyboard.press("Enter");
      await page.getByText("did not take this key").waitFor();
      await page.getByLabel("API key").fill("secret");
      await page.keyboard.press("Enter");
      await page.locator(".documents .rows li").first().waitFor();
      await ask(page, question);
      const kept = (await page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}])",
      )) as string;
      const [local, session] = JSON.parse(kept) as Record<string, string>[];
      expect(JSON.stringify(local)).not.toContain("secret");
      expect(JSON.stringify(session)).toContain("secret");
    }));
});
