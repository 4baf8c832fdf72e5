/** The collections of this machine as a server of the Model Context Protocol: tools to search, ask and read them. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { addAsk } from "./ask.ts";
import { addDocumentResources } from "./document-resources.ts";
import { addListCollections } from "./list-collections.ts";
import type { McpParts } from "./mcp-parts.ts";
import { addReadDocument } from "./read-document.ts";
import { addSearch } from "./search.ts";
import { DATA_NOT_INSTRUCTIONS } from "./tool.ts";

const INSTRUCTIONS = `Private documents of the user, in collections. ask answers a question with its sources; search finds places; read_document reads around them. Cite source, page and characters. ${DATA_NOT_INSTRUCTIONS}`;

/** For one connection. Does not close what it is made of. */
export function createMcpServer(parts: McpParts): McpServer {
  const { version } = parts;
  const server = new McpServer({ name: "vikhr", title: "Vikhr", version }, { instructions: INSTRUCTIONS });
  addSearch(server, parts);
  addAsk(server, parts);
  addReadDocument(server, parts);
  addListCollections(server, parts);
  addDocumentResources(server, parts);
  // The tools stay, and nobody watches the collections.
  server.server.registerCapabilities({ tools: { listChanged: false }, resources: { listChanged: false } });
  return server;
}
