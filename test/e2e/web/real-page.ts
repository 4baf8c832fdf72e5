/** A page over the real server; at its end nothing has happened on it that must not. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { openPage } from "./browser.ts";
import { type RealServer, startRealServer } from "./start-server.ts";

/** The small model takes its time. */
const TIMEOUT = 120_000;

export async function withRealPage(
  browser: Browser,
  options: BrowserContextOptions & { model?: string; env?: Record<string, string> },
  run: (page: Page, server: RealServer) => Promise<void>,
): Promise<void> {
  const { model, env, ...own } = options;
  const server = await startRealServer(model, env);
  const { page, faults, close } = await openPage(browser, server.url, own);
  page.setDefaultTimeout(TIMEOUT);
  try {
    await run(page, server);
    expect(faults).toEqual([]);
    expect(await page.evaluate("window.violations")).toEqual([]);
  } finally {
    await close();
    await server.close();
  }
}
