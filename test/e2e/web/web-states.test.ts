/** What people do with answers, documents and conversations. Against the fake of the contract. */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { answerText, ask as askOn, CHROMIUM, launch, type OpenedPage, openPage } from "./browser.ts";
import { type FakeServer, startFakeServer } from "./fake-server.ts";
import { SCENES } from "./scripts.ts";
import { buildWeb } from "./start-server.ts";

const { documents, question, unanswered, answer } = SCENES.en;

describe.skipIf(!CHROMIUM)("the web page", () => {
  let browser: Browser;
  let server: FakeServer;
  let opened: OpenedPage;
  let page: Page;
  beforeAll(async () => {
    await buildWeb();
    browser = await launch();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    server = await startFakeServer({
      collections: new Map([["default", structuredClone(documents)]]),
      answers: new Map([[question, answer]]),
    });
    opened = await openPage(browser, server.url);
    page = opened.page;
    page.setDefaultTimeout(15_000);
  });
  afterEach(async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
    await server.close();
  });

  const ask = (words: string, state?: string) => askOn(page, words, state);

  test("an answer: probabilities, numbers behind sentences, what has no source said in words", async () => {
    await ask(question);
    await expect
      .poll(() => page.locator(".relevance > .hits .hit-title").allTextContents())
      .toEqual(["Voyager mission report", "The Golden Record"]);
    await expect
      .poll(() => page.locator(".relevance > .hits .percent").allTextContents())
      .toEqual(["97%", "83%"]);
    await expect.poll(() => page.locator(".cite").allTextContents()).toEqual(["1", "2", "3", "4"]);
    await expect
      .poll(() => page.locator(".cite").first().getAttribute("aria-label"))
      .toBe("Source 1: Voyager mission report");
    await expect
      .poll(async () => (await page.locator(".unsupported").allTextContents()).join(""))
      .toBe("It took the most famous pictures of both.");
    await expect
      .poll(() => page.locator(".no-source .visually-hidden").textContent())
      .toContain("no source was found");
    await page.locator(".cite").nth(2).click();
    await expect.poll(() => page.locator(".panel mark").textContent()).toContain("55 languages");
    await page.locator(".cite").nth(1).click();
    await page.locator(".panel:has(.page-mark) mark", { hasText: "geysers" }).waitFor();
    await expect.poll(() => page.locator(".panel-page").textContent()).toBe("page 2");
    await expect
      .poll(() => page.locator(".page-mark").allTextContents())
      .toEqual(["page 1", "page 2", "page 3"]);
    await expect
      .poll(() => page.locator(".panel a").getAttribute("href"))
      .toMatch(/\/file\?collection=default#page=2$/);
  });

  test("a source that changed is shown as it was, and that is said", async () => {
    server.state.collections.get("default")![0]!.changed = true;
    await ask(question);
    await page.locator(".cite").first().click();
    await page.locator(".panel .warning", { hasText: "has changed" }).waitFor();
    await expect.poll(() => page.locator(".panel mark").textContent()).toContain("Only Voyager 2");
  });

  test("a refusal is shown as one, with the nearest documents", async () => {
    await ask(unanswered);
    await expect
      .poll(() => page.locator(".refusal h3").allTextContents())
      .toEqual(["The documents do not answer this", "Nearest to the question"]);
    await expect.poll(() => page.locator(".refusal > .relevance > .hits li").count()).toBe(3);
    await expect.poll(() => page.locator(".cite, .answer").count()).toBe(0);
  });

  test("without a model: quotes; a button downloads one, and it answers", async () => {
    server.state.model = null;
    server.state.pause = 20;
    await page.reload();
    await page.locator(".no-model").getByRole("button", { name: "Download vikhr-8b (4.92 GB)" }).click();
    await page.locator(".pull progress").waitFor();
    await page.locator(".top-model", { hasText: "vikhr-8b" }).waitFor();
    expect(server.state.model).toBe("vikhr-8b");
    await expect.poll(() => page.locator(".no-model").count()).toBe(0);
  });

  test("a server for others offers no models", async () => {
    server.state.model = null;
    server.state.isLocal = false;
    await page.reload();
    await page.locator(".no-model").waitFor();
    await expect.poll(() => page.locator(".no-model button").count()).toBe(0);
    await expect.poll(() => page.getByText("Link a folder").count()).toBe(0);
  });

  test("an answer is stopped, given anew, and its question changed", async () => {
    server.state.pause = 60;
    await ask(question, "answering");
    await page.locator(".answer").waitFor();
    await page.keyboard.press("Escape");
    await page.locator('.turn[data-state="stopped"]').waitFor();
    expect((await answerText(page)).length).toBeGreaterThan(0);
    server.state.pause = 1;
    await page.getByRole("button", { name: "Answer anew" }).click();
    await page.locator('.turn[data-state="done"]').waitFor();
    await page.getByRole("button", { name: "Edit the question" }).click();
    await page.getByRole("textbox", { name: "Edit the question" }).fill(unanswered);
    await page.keyboard.press("Enter");
    await page.locator(".refusal").waitFor();
    await expect.poll(() => page.locator(".turn").count()).toBe(1);
    const seeds = server.state.asked.map(({ seed }) => seed);
    expect(new Set(seeds).size).toBe(3);
  });

  test("a follow-up question carries what was said before", async () => {
    await ask(question);
    await ask(unanswered);
    const { messages } = server.state.asked.at(-1) as { messages: { role: string }[] };
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
  });

  test("without documents: the style and the numbers that were chosen are sent", async () => {
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByLabel("Temperature").fill("0.2");
    await page.getByLabel("Beams").fill("4");
    await page.getByLabel("Seed").fill("11");
    await page.getByLabel("Longest answer").fill("0");
    await expect.poll(() => page.getByLabel("Longest answer").getAttribute("aria-invalid")).toBe("true");
    const style = page.getByLabel("Style prompt");
    await style.fill("Ты — пират.");
    await expect.poll(() => page.locator(".field .warning").count()).toBe(2);
    await style.fill("Answer in one sentence.");
    await expect.poll(() => page.locator(".field .warning").count()).toBe(0);
    await page.getByText("Your task is to answer the user's questions using only").waitFor();
    await page.keyboard.press("Escape");
    await page.getByLabel("Without documents").check();
    await ask("Hi");
    await expect.poll(() => answerText(page)).toBe("Hello! I am only a model.");
    await expect.poll(() => page.locator(".answer strong").textContent()).toBe("only a model");
    expect(server.state.asked.at(-1)).toEqual({
      model: "vikhr-8b",
      stream: true,
      temperature: 0.2,
      beams: 4,
      seed: 11,
      messages: [
        { role: "system", content: "Answer in one sentence." },
        { role: "user", content: "Hi" },
      ],
    });
  });

  test("what a hostile model writes stays text", async () => {
    server.state.chatAnswer =
      '<img src=x onerror="window.hit=1"> <script>window.hit=1</script> [a](javascript:window.hit=1) ![b](https://evil.example/p.png) [c](https://ok.example/)';
    await page.getByLabel("Without documents").check();
    await ask("Hi");
    await expect.poll(() => answerText(page)).toContain('<img src=x onerror="window.hit=1">');
    await expect.poll(() => page.locator(".answer :is(img, script, iframe)").count()).toBe(0);
    const links = page.locator(".answer a");
    await expect.poll(() => links.count()).toBe(2);
    for (const link of await links.all()) {
      await expect.poll(() => link.getAttribute("href")).toMatch(/^https:/);
      await expect.poll(() => link.getAttribute("rel")).toContain("noopener");
    }
    expect(await page.evaluate("window.hit")).toBeUndefined();
    expect(await page.evaluate("window.violations")).toEqual([]);
  });

  test("conversations stay in the browser, are saved as files, and deleted", async () => {
    await ask(question);
    await page.reload();
    await page.locator(".conversations .row-main", { hasText: "Which planets" }).click();
    await expect.poll(() => page.locator(".cite").count()).toBe(4);
    const save = async (name: string) => {
      await page.locator(".menu summary").click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByText(name).click()]);
      return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
    };
    const markdown = await save("as Markdown");
    expect(markdown.name).toMatch(/^Which-planets.*\.md$/);
    expect(markdown.text).toContain("in August 1989. [1]");
    expect(markdown.text).toContain("of both. [no source]");
    expect(markdown.text).toContain(
      "2. Voyager mission report — /home/ada/missions/voyager-report.pdf, page 2",
    );
    const json = JSON.parse((await save("as JSON")).text);
    expect(json.conversations[0].turns[0].question).toBe(question);
    await page.locator(".conversations li").hover();
    await page
      .locator(".conversations")
      .getByRole("button", { name: /^Delete the conversation/ })
      .click();
    await page.locator(".conversations").getByRole("button", { name: "Delete", exact: true }).click();
    await page.locator(".turn").waitFor({ state: "detached" });
    await expect.poll(() => page.locator(".conversations .rows li").count()).toBe(0);
  });

  test("collections are made, chosen and deleted; documents are taken out", async () => {
    await page.getByRole("button", { name: "New collection" }).click();
    await page.getByLabel("Name of the new collection").fill("two words");
    await page.keyboard.press("Enter");
    await page.getByText("is no name for a collection").waitFor();
    await page.getByLabel("Name of the new collection").fill("книги");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing here yet.").waitFor();
    await expect.poll(() => page.getByLabel("Collection", { exact: true }).inputValue()).toBe("книги");
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "a.md", mimeType: "text/plain", buffer: Buffer.from("# A") });
    await page.locator(".documents .row-main", { hasText: "A" }).click();
    await page.locator(".panel-text", { hasText: "# A" }).waitFor();
    await page.locator(".documents li").first().hover();
    await page.getByRole("button", { name: "Delete A" }).click();
    await page.locator(".documents").getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("Nothing here yet.").waitFor();
    await page.getByRole("button", { name: "Delete the collection книги" }).click();
    await page.locator(".collections").getByRole("button", { name: "Delete", exact: true }).click();
    await page.locator(".documents .row-main", { hasText: "Golden Record" }).waitFor();
    expect([...server.state.collections.keys()]).toEqual(["default"]);
  });

  test("folders are linked where the server is the person's own, and unlinked", async () => {
    await page.getByText("Link a folder or a web page").click();
    await page.getByLabel("Path or address").fill("https://example.org/page");
    await page.keyboard.press("Enter");
    await page.locator(".path", { hasText: "https://example.org/page" }).waitFor();
    await page.locator(".rows li", { hasText: "https://example.org/page" }).last().hover();
    await page.getByRole("button", { name: "Unlink https://example.org/page" }).click();
    await page.locator(".documents").getByRole("button", { name: "Unlink", exact: true }).click();
    await page.locator(".path", { hasText: "https://example.org/page" }).waitFor({ state: "detached" });
  });

  test("the page of the HTTP interface: found, opened, read", async () => {
    await page.goto(`${server.url}/docs`);
    await page.locator(".endpoint").first().waitFor();
    await expect.poll(() => page.locator(".endpoint").count()).toBe(3);
    await page.getByLabel("Find an endpoint").fill("adds");
    await expect.poll(() => page.locator(".endpoint h2").allTextContents()).toEqual(["POST /v1/documents"]);
    await page.getByLabel("Find an endpoint").fill("ask");
    await page.locator(".endpoint summary").click();
    await page.locator(".field-name", { hasText: "question" }).waitFor();
    await page.locator("pre", { hasText: "When is a rye loaf done?" }).first().waitFor();
    expect(await page.evaluate("window.violations")).toEqual([]);
  });
});
