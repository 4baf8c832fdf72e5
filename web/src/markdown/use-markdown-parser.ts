/** The parser is larger than half of the page: it comes while the first question is answered, before there is text. */
import { useEffect, useState } from "react";
import { type ParentNode, plainTree } from "./tree.ts";

type Parse = (source: string) => ParentNode;

let loaded: Parse | undefined;

/**
 * undefined until it is there. Where it cannot come (the server is away) text stays as it is written, until `isBusy`
 * changes: an answer begins or ends, the server is back.
 */
export function useMarkdownParser(isBusy = false): Parse | undefined {
  const [parse, setParse] = useState(() => loaded);
  useEffect(() => {
    import("./parse-markdown.ts").then(
      ({ parseMarkdown }) => {
        loaded = parseMarkdown;
        setParse(() => parseMarkdown);
      },
      () => setParse(() => plainTree),
    );
  }, [isBusy]);
  return parse;
}
