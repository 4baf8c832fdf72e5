/** A cluster's documents as the protocol's `{doc_id, title, content}`: plain text, Markdown or HTML, with varied titles. */
import type { Cluster, ClusterDocument, Fact } from "./cluster.ts";
import type { Attribute, Entity } from "./grammar.ts";
import type { DocumentFormat } from "./options.ts";
import { FORMATS } from "./options.ts";
import type { Writer } from "./sentences.ts";
import { targetMark } from "./targets.ts";

export interface RenderedDocument {
  doc_id: number;
  title: string | null;
  content: string;
}

interface Line {
  text: string;
  /** "Length: 5 km", which needs a heading that names the entity. */
  short: boolean;
}

export function renderDocuments(
  writer: Writer,
  cluster: Cluster,
  formats: Readonly<Record<DocumentFormat, number>>,
): RenderedDocument[] {
  return cluster.documents.map((document) => {
    const format = FORMATS[writer.random.weighted(FORMATS.map((name) => formats[name]))]!;
    const title = makeTitle(writer, cluster, document);
    const content = makeContent(writer, document, format);
    return { doc_id: document.id, title, content };
  });
}

/** Makes what was just said of the attribute a target. */
export const labelTarget = ({ label }: Attribute): string => targetMark(label.forms.n);

function name(writer: Writer, document: ClusterDocument): string {
  return writer.refer(document.entity).forms.n;
}

/** None, the name, or the name and an aspect; several documents on one entity are told apart by their aspects. */
function makeTitle(writer: Writer, cluster: Cluster, document: ClusterDocument): string | null {
  const shared = cluster.documents.filter((other) => other.entity === document.entity).length > 1;
  const [none, plain, aspect] = shared ? [1, 1, 6] : [3, 5, 2];
  const choice = writer.random.weighted([none!, plain!, aspect!]);
  if (choice === 0) return null;
  const title = name(writer, document);
  if (choice === 1) return writer.finish(title);
  return writer.finish(`${title}: ${writer.random.pick(document.facts).attribute.label.forms.n}`);
}

function makeContent(writer: Writer, document: ClusterDocument, format: DocumentFormat): string {
  const { random } = writer;
  const bullets = format !== "plain" && random.chance(0.5);
  const named = format !== "plain" && random.chance(bullets ? 0.8 : 0.4);
  const heading = named ? writer.finish(name(writer, document)) : random.pick(writer.pack.headings);
  const lines = document.facts.map((fact, at) =>
    factLine(writer, document, fact, { short: bullets && named, first: at === 0 }),
  );
  if (!bullets && random.chance(0.12)) lines.splice(random.int(0, lines.length), 0, filler(writer, document));
  if (format === "plain")
    return lines.map((line) => sentence(writer, line.text)).join(random.chance(0.9) ? " " : "\n");
  const headed = named || random.chance(0.3);
  return format === "markdown"
    ? markdown(writer, headed ? heading : null, lines, bullets)
    : html(writer, headed ? heading : null, lines, bullets);
}

function factLine(
  writer: Writer,
  document: ClusterDocument,
  { attribute, value }: Fact,
  where: { short: boolean; first: boolean },
): Line {
  if (where.short && writer.random.chance(0.35))
    return {
      text: `${attribute.label.forms.n}: ${value.forms.n}${labelTarget(attribute)}`,
      short: true,
    };
  // Later sentences sometimes take up only the head: "The river ...".
  const head = !where.first && writer.random.chance(0.12) ? writer.pack.headAlone(document.entity) : null;
  const entity: Entity = head
    ? { ...document.entity, name: head, head: null, quoted: false }
    : document.entity;
  const text = writer.statement(entity, attribute, value);
  return { text: text + labelTarget(attribute), short: false };
}

function filler(writer: Writer, { entity }: ClusterDocument): Line {
  return { text: writer.render(writer.pick(writer.pack.fillers), { entity }), short: false };
}

function sentence(writer: Writer, text: string): string {
  return `${writer.finish(text)}.`;
}

function markdown(writer: Writer, heading: string | null, lines: readonly Line[], bullets: boolean): string {
  const level = writer.random.chance(0.7) ? "#" : "##";
  const bold = writer.random.chance(0.5);
  const body = lines.map(({ text, short }) => {
    if (!short) return `${bullets ? "- " : ""}${sentence(writer, text)}`;
    const [label, value] = writer.finish(text).split(": ") as [string, string];
    return bold ? `- **${label}**: ${value}` : `- ${label}: ${value}`;
  });
  const top = heading === null ? [] : [`${level} ${heading}`, ""];
  return bullets ? [...top, ...body].join("\n") : [...top, body.join(" ")].join("\n");
}

function html(writer: Writer, heading: string | null, lines: readonly Line[], bullets: boolean): string {
  const tag = writer.random.chance(0.7) ? "h1" : "h2";
  const top = heading === null ? "" : `<${tag}>${heading}</${tag}>`;
  const texts = lines.map(({ text, short }) => (short ? writer.finish(text) : sentence(writer, text)));
  if (!bullets) return `${top}<p>${texts.join(" ")}</p>`;
  return `${top}<ul>${texts.map((text) => `<li>${text}</li>`).join("")}</ul>`;
}
