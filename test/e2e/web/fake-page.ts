/** A page over the fake of the contract, with documents and answers in its language; at its end it had no fault. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { openPage } from "./browser.ts";
import { type FakeServer, startFakeServer } from "./fake-server.ts";
import { SCENES } from "./scripts.ts";

export async function withFakePage(
  browser: Browser,
  options: BrowserContextOptions & { language?: "en" | "ru" },
  run: (page: Page, server: FakeServer) => Promise<void>,
): Promise<void> {
  const { language = "en", ...own } = options;
  const { documents, question, answer } = SCENES[language];
  const server = await startFakeServer({
    collections: new Map([["default", structuredClone(documents)]]),
    answers: new Map([[question, answer]]),
  });
  const locale = language === "en" ? "en-US" : "ru-RU";
  const { page, faults, close } = await openPage(browser, server.url, { locale, ...own });
  page.setDefaultTimeout(15_000);
  try {
    await page.locator(".documents .rows li").first().waitFor({ state: "attached" });
    await run(page, server);
    expect(faults).toEqual([]);
  } finally {
    await close();
    await server.close();
  }
}
