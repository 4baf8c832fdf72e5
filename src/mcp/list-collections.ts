/** The tool `list_collections`: which collections there are, and what is in them. */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import type { McpParts } from "./mcp-parts.ts";
import { oneLine } from "./quotation.ts";
import { READS_ONLY, reasonOf, toolResult } from "./tool.ts";

const outputSchema = {
  collections: z.array(
    z.object({
      name: z.string(),
      documents: z.int().min(0).describe("How many").optional(),
      sources: z.array(z.string()).describe("Files, folders and addresses that were added").optional(),
      problem: z.string().describe("Why it cannot be opened").optional(),
    }),
  ),
};

type Listed = z.infer<typeof outputSchema.collections>[number];

export function addListCollections(server: McpServer, parts: McpParts): void {
  const config = {
    title: "List collections",
    description: "Names the collections of documents that can be searched, asked and read.",
    outputSchema,
    annotations: READS_ONLY,
  };
  server.registerTool("list_collections", config, ({ signal }) =>
    toolResult(parts, signal, async () => {
      const collections: Listed[] = [];
      for (const name of parts.corpora.names()) collections.push(await describe(name, parts));
      const text = collections.map(line).join("\n");
      return {
        text: text || "There is no collection yet: `vikhr add <folder>` makes one.",
        structured: { collections },
      };
    }),
  );
}

/** One that is damaged does not hide the others. */
async function describe(name: string, parts: McpParts): Promise<Listed> {
  try {
    const { sources } = parts.corpora.collection(name).contents();
    const documents = (await parts.corpora.documents(name)).length;
    return { name, documents, sources: sources.map(({ location }) => oneLine(location)) };
  } catch (error) {
    return { name: oneLine(name), problem: reasonOf(error, parts) };
  }
}

function line({ name, documents, sources = [], problem }: Listed): string {
  return problem === undefined
    ? `${name}: ${documents} documents of ${sources.join(", ") || "nothing"}`
    : `${name}: ${problem}`;
}
