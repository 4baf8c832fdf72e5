/**
 * A Markdown text in; how long the YAML at its top is, and the title that it gives, out. Only lines that look like YAML
 * are taken for it: a text may also begin with a thematic break.
 */

const OPENING = /^---[^\S\n]*\n/;
const CLOSING = /^(?:---|\.\.\.)\s*$/;
const PAIR = /^[\p{L}\p{N}_"'][\p{L}\p{N}_"'. -]{0,60}:(?:\s|$)/u;
/** What a pair goes on with: indented lines, items, the end of a bracket; comments and empty lines stand anywhere. */
const MORE = /^(?:\s|-\s|[\]}]|#|$)/;

const TITLE = /^(["']?)title\1:[^\S\n]+(\S.*)$/im;

export interface FrontMatter {
  /** Of the text, in UTF-16 code units; 0: it has none. */
  length: number;
  title: string | null;
}

export function frontMatter(text: string): FrontMatter {
  const none = { length: 0, title: null };
  const start = OPENING.exec(text)?.[0].length ?? text.length;
  let pairs = 0;
  for (let at = start; at < text.length; ) {
    const next = text.indexOf("\n", at) + 1 || text.length;
    const line = text.slice(at, next).trimEnd();
    if (CLOSING.test(line)) return pairs > 0 ? { length: next, title: titleIn(text.slice(start, at)) } : none;
    if (PAIR.test(line)) pairs++;
    else if (!MORE.test(line)) return none;
    at = next;
  }
  return none;
}

function titleIn(yaml: string): string | null {
  const value = TITLE.exec(yaml)?.[2]?.trim() ?? "";
  const quoted = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(value)?.[2];
  // Lines of text, a list, a reference: more than one line tells.
  if (quoted === undefined && /^[|>[{&*!]/.test(value)) return null;
  return (quoted ?? value.replace(/\s#.*$/, "")).trim() || null;
}
