/** The page for those who use keys, a screen reader, a small screen, less motion. Against the fake of the contract. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, axeFindings, CHROMIUM, launch } from "./browser.ts";
import { withFakePage } from "./fake-page.ts";
import { SCENES } from "./scripts.ts";
import { buildWeb } from "./start-server.ts";

const NARROW = { width: 360, height: 700 };

describe.skipIf(!CHROMIUM)("the web page", () => {
  let browser: Browser;
  beforeAll(async () => {
    await buildWeb();
    browser = await launch();
  });
  afterAll(() => browser?.close());

  const withPage = (
    options: Parameters<typeof withFakePage>[1],
    run: Parameters<typeof withFakePage>[2],
  ): Promise<void> => withFakePage(browser, options, run);

  const languages = ["en", "ru"] as const;
  test.each(languages)("no serious finding in any state, in both themes: %s", (language) =>
    withPage({ language, reducedMotion: "reduce" }, async (page, server) => {
      const { question, unanswered } = SCENES[language];
      const findings: Record<string, unknown> = {};
      const look = async (state: string) => {
        const found = await axeFindings(page);
        if (found.length > 0) findings[state] = found;
      };
      await expect.poll(() => page.evaluate("document.documentElement.lang")).toBe(language);
      await look("empty");
      await ask(page, question);
      await look("answer");
      await page.locator(".relevance summary").click();
      await page.locator(".cite").first().click();
      await page.locator(".panel mark").waitFor();
      await look("source");
      await page.keyboard.press("Escape");
      await ask(page, unanswered);
      await look("refusal");
      await page.locator(".question .icon-button").last().click();
      await look("editing");
      await page.keyboard.press("Escape");
      await page.locator(".menu summary").click();
      await page.locator(".collections .icon-button").first().click();
      await look("menus");
      await page.locator(".sidebar-footer button").click();
      await page.locator("dialog #setting-style").fill("Ты — пират.");
      await page.locator("#setting-beams").fill("99");
      await look("settings");
      await page.keyboard.press("Escape");
      server.state.breakAfter = 3;
      await ask(page, question, "broken");
      await look("broken");
      await page.setViewportSize(NARROW);
      await page.locator(".top .only-narrow").click();
      await look("narrow");
      server.state.model = null;
      await page.reload();
      await page.locator(".no-model").waitFor();
      await look("no model");
      server.state.key = "secret";
      await page.reload();
      await page.locator(".key-form").waitFor();
      await look("key");
      await page.goto(`${server.url}/docs`);
      for (const summary of await page.locator(".endpoint summary").all()) await summary.click();
      await look("interface");
      expect(findings).toEqual({});
    }),
  );

  test("with keys alone: ask, go to a source, come back, stop, settings and back", () =>
    withPage({}, async (page, server) => {
      const focused = (script: string) => page.evaluate(`document.activeElement.${script}`);
      await page.keyboard.press("Control+k");
      await expect.poll(() => focused("id")).toBe("question");
      await page.keyboard.type("one");
      await page.keyboard.press("Shift+Enter");
      await page.keyboard.type("two");
      await expect.poll(() => focused("value")).toBe("one\ntwo");
      await expect.poll(() => page.locator(".turn").count()).toBe(0);
      await page.keyboard.press("Control+a");
      await page.keyboard.type(SCENES.en.question);
      await page.keyboard.press("Enter");
      await page.locator('.turn[data-state="done"]').waitFor();

      await tabTo(page, "document.activeElement.classList.contains('cite')", "Shift+Tab");
      const number = await focused("textContent");
      await page.keyboard.press("Enter");
      await page.locator(".panel mark").waitFor();
      await expect.poll(() => focused("closest('.panel') !== null")).toBe(true);
      await expect.poll(() => focused("tagName")).toBe("H2");
      await page.keyboard.press("Escape");
      await page.locator(".panel").waitFor({ state: "detached" });
      await expect.poll(() => focused("className")).toBe("cite");
      await expect.poll(() => focused("textContent")).toBe(number);

      server.state.pause = 50;
      await page.keyboard.press("Control+k");
      await page.keyboard.type(SCENES.en.question);
      await page.keyboard.press("Enter");
      await page.locator('.turn[data-state="answering"]').waitFor();
      await page.keyboard.press("Escape");
      await page.locator('.turn[data-state="stopped"]').waitFor();

      await tabTo(page, "document.activeElement.textContent === 'Settings'", "Shift+Tab");
      await page.keyboard.press("Enter");
      await page.locator("dialog[open]").waitFor();
      await expect.poll(() => focused("closest('dialog') !== null")).toBe(true);
      await page.keyboard.press("Escape");
      await page.locator("dialog").waitFor({ state: "detached" });
      await expect.poll(() => focused("textContent")).toBe("Settings");
    }));

  test("everything that can be used is reached with Tab, and is seen to have the focus", () =>
    withPage({}, async (page) => {
      await ask(page, SCENES.en.question);
      await page.evaluate("document.activeElement.blur()");
      const seen = new Set<string>();
      let rounds = 0;
      for (let i = 0; i < 120 && rounds < 2; i++) {
        await page.keyboard.press("Tab");
        const [name, isVisible] = (await page.evaluate(FOCUS)) as [string, boolean];
        // Out of the page, and in again from its beginning.
        if (name === "body") rounds++;
        seen.add(name);
        expect([name, isVisible]).toEqual([name, true]);
      }
      const usable = (await page.evaluate(USABLE)) as string[];
      expect(usable.length).toBeGreaterThan(20);
      expect(usable.filter((name) => !seen.has(name))).toEqual([]);
    }));

  test("a screen reader is told the stages and then the whole, not every token", () =>
    withPage({}, async (page) => {
      await page.evaluate(`
        window.told = [];
        const region = [...document.querySelectorAll('[role=status]')].at(-1);
        new MutationObserver(() => window.told.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
      `);
      await ask(page, SCENES.en.question);
      await expect.poll(() => page.evaluate("window.told.at(-1)")).toContain("Carl Sagan");
      const told = (await page.evaluate("window.told")) as string[];
      expect(new Set(told).size).toBeLessThanOrEqual(5);
      expect(told.some((text) => text.includes("Found relevant: Voyager mission report"))).toBe(true);
      expect(told.at(-1)).not.toContain("**");
      const landmarks = "['nav', 'main', 'h1'].map((name) => document.querySelectorAll(name).length)";
      await expect.poll(() => page.evaluate(landmarks)).toEqual([1, 1, 1]);
    }));

  test("nothing moves for those who asked for less motion", () =>
    withPage({ reducedMotion: "reduce" }, async (page, server) => {
      server.state.pause = 200;
      await page.fill("#question", SCENES.en.question);
      await page.keyboard.press("Enter");
      await page.locator(".status").waitFor();
      expect(await page.evaluate("document.getAnimations().length")).toBe(0);
      await page.emulateMedia({ reducedMotion: "no-preference" });
      await expect.poll(() => page.evaluate("document.getAnimations().length")).toBeGreaterThan(0);
    }));

  test.each(languages)("on a screen of 360 pixels nothing is cut off: %s", (language) =>
    withPage({ language, viewport: NARROW }, async (page) => {
      const { question, unanswered } = SCENES[language];
      await ask(page, question);
      await expect.poll(() => page.evaluate(OVERFLOW)).toEqual([]);
      await page.locator(".cite").first().click();
      await page.locator(".panel mark").waitFor();
      await expect.poll(() => page.evaluate(OVERFLOW)).toEqual([]);
      await page.keyboard.press("Escape");
      await ask(page, unanswered);
      await expect.poll(() => page.evaluate(OVERFLOW)).toEqual([]);

      const menu = page.locator(".top .only-narrow");
      await menu.click();
      await expect
        .poll(() => page.evaluate("document.activeElement.closest('.sidebar') !== null"))
        .toBe(true);
      await expect.poll(() => page.evaluate(OVERFLOW)).toEqual([]);
      await page.keyboard.press("Escape");
      await expect.poll(() => page.locator(".sidebar").isVisible()).toBe(false);
      await expect
        .poll(() => page.evaluate("document.activeElement.matches('.top .only-narrow')"))
        .toBe(true);

      await menu.click();
      await page.locator(".sidebar-footer button").click();
      await page.locator("dialog").waitFor();
      await expect.poll(() => page.evaluate(OVERFLOW)).toEqual([]);
    }),
  );

  test("language and colours are chosen, and stay", () =>
    withPage({ colorScheme: "light" }, async (page) => {
      const paper = () => page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
      const light = await paper();
      await page.locator(".sidebar-footer button").click();
      await page.getByLabel("Dark").check();
      const dark = await paper();
      expect(dark).not.toBe(light);
      await page.getByLabel("Русский").check();
      await page.getByRole("heading", { name: "Настройки" }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "Спросите свои документы" }).waitFor();
      await expect.poll(() => paper()).toBe(dark);
      await expect.poll(() => page.evaluate("document.documentElement.lang")).toBe("ru");
    }));
});

async function tabTo(page: Page, condition: string, key: "Tab" | "Shift+Tab"): Promise<void> {
  for (let i = 0; i < 60; i++) {
    if (await page.evaluate(condition)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`the focus never came to where ${condition}`);
}

/** What tells one element from another. */
const NAME = `((element) => [element.tagName, element.className, element.name ?? "", element.ariaLabel ?? "", element.textContent].join("|").slice(0, 200))`;

/** The element with the focus, and whether one sees that: an outline, on it or around it. */
const FOCUS = `(() => {
  const element = document.activeElement;
  if (element === document.body) return ["body", true];
  const outlined = (e) => { const { outlineStyle, outlineWidth } = getComputedStyle(e); return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1; };
  const ring = element.closest("label, .composer-box");
  const isSeen = outlined(element) || (ring !== null && (outlined(ring) || getComputedStyle(ring).boxShadow.includes("1px")));
  return [${NAME}(element), isSeen];
})()`;

/** Radio buttons of a group are one stop. */
const USABLE = `[...document.querySelectorAll("button, a[href], input, select, textarea, summary")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled && !(element.type === "radio" && !element.checked))
  .map(${NAME})`;

/** What reaches out of the screen to the right, and is not inside something that scrolls. */
const OVERFLOW = `[...document.querySelectorAll("body *")].filter((element) => {
  const { right, width, height } = element.getBoundingClientRect();
  if (width === 0 || height === 0 || right <= innerWidth + 1) return false;
  if (!element.checkVisibility({ visibilityProperty: true }) || element.closest("[inert], .visually-hidden")) return false;
  for (let e = element; e !== document.body; e = e.parentElement) {
    const { overflowX, textOverflow } = getComputedStyle(e);
    if (textOverflow === "ellipsis" || (e !== element && e.matches("pre, .table") && overflowX === "auto")) return false;
  }
  return true;
}).map((element) => element.outerHTML.slice(0, 120))`;
