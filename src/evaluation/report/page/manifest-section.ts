/** The manifest, whole: how another person makes the same report. */
import type { Manifest } from "../../manifest.ts";
import { type Html, html } from "./html.ts";
import { say } from "./say.ts";
import type { Section } from "./section.ts";
import { table, textColumn } from "./table.ts";

type Entry = readonly [name: string, value: string];

export function manifestSection(
  id: string,
  { command, created, version, data, texts, settings }: Manifest,
): Section {
  const content = html`<div class="manifest"><dl>
<dt>${say("manifest.command")}</dt><dd><code>${command}</code></dd>
<dt>${say("manifest.created")}</dt><dd>${created}</dd>
<dt>${say("manifest.version")}</dt><dd>${version}</dd>
</dl>
${entries(
  say("manifest.settings"),
  say("manifest.name"),
  say("manifest.value"),
  Object.entries(settings).map(([name, value]) => [name, String(value)] as const),
)}${entries(say("manifest.data"), say("manifest.file"), html`SHA-256`, Object.entries(data))}${Object.entries(
  texts,
).map(
  ([title, text]) =>
    html`<details class="more"><summary><bdi>${title}</bdi></summary><pre tabindex="0">${text}</pre></details>\n`,
)}</div>
`;
  return { id, title: "manifest.title", content };
}

function entries(caption: Html, name: Html, value: Html, rows: readonly Entry[]): Html | false {
  return (
    rows.length > 0 &&
    table<Entry>({
      caption,
      name: { head: name, of: ([key]) => html`<bdi>${key}</bdi>` },
      groups: [{ head: "", columns: [textColumn(value, ([, text]) => html`<code>${text}</code>`)] }],
      rows,
    })
  );
}
