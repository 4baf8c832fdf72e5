/** Debian's chromium with a page of ours in it, and all that must not happen there written down. */
import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** undefined where there is none. */
export const CHROMIUM = PLACES.find(existsSync);

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM!,
    // The sandbox of chromium does not run as root.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });

export interface OpenedPage {
  page: Page;
  /** Faults of the page: errors, what the policy forbade, requests to other servers. */
  faults: string[];
  /** Bytes of JavaScript that came, by address. */
  scripts: Map<string, Buffer>;
  close(): Promise<void>;
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { path?: string; isOpened?: boolean } = {},
): Promise<OpenedPage> {
  const { path = "/", isOpened = true, ...own } = options;
  const context = await browser.newContext({
    viewport: { width: 1200, height: 800 },
    locale: "en-US",
    ...own,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  const scripts = new Map<string, Buffer>();
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // Answers of 4xx are told there as well.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(url) && !address.startsWith("blob:")) faults.push(`request to ${address}`);
  });
  page.on("response", async (response) => {
    if (response.request().resourceType() !== "script") return;
    scripts.set(response.url(), await response.body().catch(() => Buffer.alloc(0)));
  });
  await page.addInitScript(`
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective + " " + event.blockedURI));
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutShift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  `);
  if (isOpened) await page.goto(`${url}${path}`);
  return { page, faults, scripts, close: () => context.close() };
}

/** Asks, and waits until the answer is in this state. */
export async function ask(page: Page, question: string, state = "done"): Promise<void> {
  await page.fill("#question", question);
  await page.keyboard.press("Enter");
  await page.locator(`.turn:last-child[data-state="${state}"]`).waitFor();
}

/** Of the last answer, once its Markdown is read. */
export async function answerText(page: Page): Promise<string> {
  return (await page.locator(".turn:last-child .answer:not(:has(.plain))").textContent())!;
}

export interface AxeFinding {
  id: string;
  impact: string;
  theme: "light" | "dark";
  nodes: string[];
}

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Serious and critical findings in both themes; empty where all is well. */
export async function axeFindings(page: Page): Promise<AxeFinding[]> {
  // Outside of the page's policy, which forbids scripts of others.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
  const findings: AxeFinding[] = [];
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    // Of all rules only one depends on the theme.
    const rules = theme === "light" ? TAGS : ["color-contrast"];
    const found = (await page.evaluate(
      `axe.run(document, { resultTypes: ["violations"], runOnly: ${JSON.stringify(rules)} })`,
    )) as { violations: { id: string; impact: string | null; nodes: { html: string }[] }[] };
    for (const { id, impact, nodes } of found.violations)
      if (impact === "serious" || impact === "critical")
        findings.push({ id, impact, theme, nodes: nodes.map(({ html }) => html.slice(0, 300)) });
  }
  return findings;
}
