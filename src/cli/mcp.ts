/** `vikhr mcp`: the collections for assistants that speak the Model Context Protocol, over stdin and stdout. */
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { EXIT } from "../errors.ts";
import { createMcpServer } from "../mcp/create-mcp-server.ts";
import { Corpora } from "../rag/corpora.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import { packageVersion } from "../util/package-version.ts";
import { terminalLine, terminalText } from "../util/terminal-text.ts";
import { openCorpus } from "./corpus/open-corpus.ts";
import { openModel, sayLoaded } from "./open-model.ts";
import { readSettings, samplingOptions } from "./settings.ts";
import { onInterrupt } from "./signals.ts";

/** Characters. */
const MAX_FAULT = 300;

/** Until stdin ends, or Ctrl-C; stdout is the protocol's alone. */
export async function mcp(flags: Record<string, unknown>): Promise<number> {
  const settings = readSettings({ flags });
  const corpora = new Corpora({ open: openCorpus });
  let opened: Promise<LanguageModel | undefined> | undefined;
  const server = createMcpServer({
    corpora,
    version: packageVersion(),
    sampling: samplingOptions(settings),
    model() {
      opened ??= openModel(settings, sayLoaded).catch((error) => {
        // The next question is another try: a server may be back.
        opened = undefined;
        throw error;
      });
      return opened;
    },
    onFault: (error) => say(terminalText(error instanceof Error ? (error.stack ?? "") : String(error))),
  });
  // A message that is none of the protocol, or one that nobody is there to take.
  server.server.onerror = (error) => say(terminalLine(error.message, MAX_FAULT));
  const interruption = onInterrupt(() => process.exit(EXIT.interrupted));
  try {
    const ended = new Promise<void>((resolve) => {
      server.server.onclose = resolve;
      process.stdin.once("end", resolve).once("close", resolve);
      interruption.signal.addEventListener("abort", () => resolve());
    });
    await server.connect(new StdioServerTransport());
    await ended;
    return EXIT.ok;
  } finally {
    // Aborts what is under way.
    await server.close();
    await corpora.close();
    await (await opened?.catch(() => undefined))?.close();
    interruption.dispose();
  }
}

function say(text: string): void {
  process.stderr.write(`vikhr: ${text}\n`);
}
