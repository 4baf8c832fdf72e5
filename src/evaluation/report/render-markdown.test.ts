/** Markdown, read by a reader of Markdown that is not ours. */
import MarkdownIt from "markdown-it";
import { expect, test } from "vitest";
import { exampleArena } from "../../../test/e2e/eval-report/example-arena.ts";
import { exampleRag } from "../../../test/e2e/eval-report/example-rag.ts";
import { HOSTILE } from "../../../test/e2e/eval-report/hostile.ts";
import { compareReports } from "./compare/compare-reports.ts";
import { renderMarkdown } from "./render-markdown.ts";

const reader = new MarkdownIt({ html: true, linkify: true });

test("tables have all their rows and cells, whatever models are called", () => {
  const arena = exampleArena({ isHostile: true });
  const rag = exampleRag({ isHostile: true });
  const comparison = compareReports(arena, exampleArena({ isHostile: true, seed: 9 }));
  const page = reader.render(renderMarkdown([arena, rag], [comparison]));
  expect(page.match(/<table>/g)).toHaveLength(3);
  const rows = page.match(/<tr>[\s\S]*?<\/tr>/g)!.map((row) => row.match(/<t[dh]/g)!.length);
  const expected = [
    ...Array(comparison.figures.length + 1).fill(6),
    ...Array(arena.leaderboard.length + 1).fill(9),
    ...Array(rag.rows.length + 1).fill(4 + rag.metrics.length),
  ];
  expect(rows).toEqual(expected);
  expect(page).not.toMatch(/<(script|img|a|svg|code|style|input)\b|<!--/i);
  for (const { model } of arena.leaderboard.filter(({ model }) => !HOSTILE.includes(model)))
    expect(page).toContain(`>${model}<`);
});

test("figures stand there as the page has them", () => {
  const arena = exampleArena();
  const [first] = arena.leaderboard;
  expect(renderMarkdown([arena])).toContain(`| ${first!.rating.toFixed(1)} (`);
});
