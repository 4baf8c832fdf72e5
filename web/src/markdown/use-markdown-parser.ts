/** The parser comes with the first answer: it is larger than half of the page. undefined until it is there. */
import { useEffect, useState } from "react";
import type { parseMarkdown } from "./parse-markdown.ts";
import { plainTree } from "./tree.ts";

let loaded: typeof parseMarkdown | undefined;

export function useMarkdownParser(): typeof parseMarkdown | undefined {
  const [parse, setParse] = useState(() => loaded);
  useEffect(() => {
    if (loaded) return;
    import("./parse-markdown.ts").then(
      (module) => {
        loaded = module.parseMarkdown;
        setParse(() => loaded);
      },
      // The server is away: this answer stays plain, and the next one tries again.
      () => setParse(() => plainTree),
    );
  }, []);
  return parse;
}
