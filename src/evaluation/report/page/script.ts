/**
 * The only script of the page: it puts the words of the reader's language in place, and shows what can be browsed. It
 * asks nothing of any server, and writes data as text alone.
 */
export const SCRIPT = `
"use strict";
const ITEMS_ON_PAGE = 20;
const LANGUAGES = [["en", "English"], ["ru", "Русский"]];

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const TEXTS = read("texts");
let language = /^ru\\b/i.test(navigator.language) ? 1 : 0;

const fill = (text, values) => text.replace(/\\{(\\d)\\}/g, (_, i) => values[i]);

function create(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Words: a text of the data, or the key of a text of ours and its values. */
function say(tag, words, properties) {
  const element = create(tag, properties);
  put(element, words);
  return element;
}

function put(element, words) {
  delete element.dataset.t;
  delete element.dataset.p;
  if (typeof words === "string") element.textContent = words + (element.dataset.count ?? "");
  else {
    element.dataset.t = words[0];
    element.dataset.p = JSON.stringify(words.slice(1));
    translate(element);
  }
}

function translate(element) {
  const { t, p = "[]", count = "" } = element.dataset;
  element.textContent = fill(TEXTS[t][language], JSON.parse(p)) + count;
}

function translateAll() {
  document.documentElement.lang = LANGUAGES[language][0];
  for (const element of document.querySelectorAll("[data-t]")) translate(element);
  for (const [i, button] of [...document.querySelectorAll(".languages button")].entries())
    button.setAttribute("aria-pressed", String(i === language));
}

function addLanguages() {
  const buttons = LANGUAGES.map(([lang, textContent], i) => {
    const button = create("button", { type: "button", lang, textContent });
    button.addEventListener("click", () => {
      language = i;
      translateAll();
    });
    return button;
  });
  document.querySelector("header").append(create("div", { className: "languages" }, ...buttons));
}

function fieldOf(label, control) {
  return create("div", {}, say("label", [label], { htmlFor: control.id }), control);
}

function browse(host) {
  const id = host.dataset.browser;
  const { items, facets, titles, words, itemsInBlock } = read(id + "-index");
  const blocks = new Map();
  let shared;
  let page = 0;
  let found = items.map((_, i) => i);

  /** Parts of an item: label, whether it is a half, text. */
  function partsOf(i) {
    const number = Math.floor(i / itemsInBlock);
    if (!blocks.has(number)) blocks.set(number, read(id + "-block-" + number));
    shared ??= read(id + "-shared");
    return blocks.get(number)[i % itemsInBlock].map(([label, isHalf, text]) => ({
      label: words[label],
      isHalf,
      text: typeof text === "number" ? shared[text] : text,
    }));
  }

  const selects = facets.map((label, f) => {
    const counts = new Map();
    for (const item of items) for (const option of item.facets[f]) counts.set(option, (counts.get(option) ?? 0) + 1);
    const select = create("select", { id: id + "-filter-" + f }, say("option", ["browser.all"], { value: "" }));
    for (const [option, count] of [...counts].sort(([a], [b]) => a - b)) {
      const element = create("option", { value: option });
      element.dataset.count = " (" + count + ")";
      put(element, words[option]);
      select.append(element);
    }
    select.addEventListener("change", search);
    return { select, field: fieldOf(label, select), isNeeded: counts.size > 1 };
  });
  const needle = create("input", { id: id + "-text", type: "search", autocomplete: "off", spellcheck: false });
  let timer;
  needle.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 200);
  });
  const status = create("p", { className: "note" });
  status.setAttribute("role", "status");
  const list = create("ol", { className: "items" });
  const previous = say("button", ["browser.previous"], { type: "button" });
  const next = say("button", ["browser.next"], { type: "button" });
  const place = create("span");
  previous.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  host.replaceChildren(
    create("div", { className: "filters" },
      ...selects.filter(({ isNeeded }) => isNeeded).map(({ field }) => field),
      fieldOf("browser.search", needle)),
    status,
    list,
    create("div", { className: "pager" }, previous, place, next),
  );

  function turn(by) {
    page += by;
    show();
    const [pressed, other] = by < 0 ? [previous, next] : [next, previous];
    if (pressed.disabled) other.focus();
    host.scrollIntoView();
  }

  function search() {
    const chosen = selects.map(({ select }) => select.value).map((value) => value && Number(value));
    const text = needle.value.trim();
    const pattern = text && new RegExp(text.replace(/[\\\\^$.*+?()[\\]{}|\\/-]/g, "\\\\$&"), "i");
    found = items.flatMap((item, i) =>
      chosen.every((option, f) => option === "" || item.facets[f].includes(option)) &&
      (!pattern || pattern.test(titles[item.title]) || partsOf(i).some((part) => pattern.test(part.text)))
        ? [i] : []);
    page = 0;
    show();
  }

  function show() {
    const pages = Math.max(1, Math.ceil(found.length / ITEMS_ON_PAGE));
    put(status, ["browser.count", String(found.length), String(items.length)]);
    put(place, ["browser.page", String(page + 1), String(pages)]);
    previous.disabled = page === 0;
    next.disabled = page + 1 >= pages;
    list.replaceChildren(...found.slice(page * ITEMS_ON_PAGE, (page + 1) * ITEMS_ON_PAGE).map(closed));
  }

  function closed(i) {
    const { title, tags } = items[i];
    const summary = create("summary", {},
      create("span", { className: "title", dir: "auto", textContent: titles[title] }),
      create("span", { className: "tags" }, ...tags.map((tag) => say("bdi", words[tag]))));
    const details = create("details", {}, summary);
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(opened(i));
    });
    return create("li", {}, details);
  }

  function opened(i) {
    const parts = partsOf(i).map(({ label, isHalf, text }) => {
      const body = create("div", { className: "text", dir: "auto", textContent: text });
      return create("section", { className: isHalf ? "part half" : "part" }, say("h4", label), body);
    });
    return create("div", { className: "parts" }, ...parts);
  }

  show();
}

addLanguages();
for (const host of document.querySelectorAll("[data-browser]")) browse(host);
translateAll();
`;
