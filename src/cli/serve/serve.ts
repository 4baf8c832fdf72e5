/** `vikhr serve`: the collections of this machine and a model behind an HTTP port, until Ctrl-C. */
import { z } from "zod";
import type { LoadedModel } from "../../engine/embedded/open-embedded.ts";
import { EXIT, InputError } from "../../errors.ts";
import { DEFAULT_COLLECTION } from "../../index/collections.ts";
import { createMcpHttpHandler } from "../../mcp/http-handler.ts";
import { Corpora } from "../../rag/corpora.ts";
import { ApiKeys } from "../../server/access/api-keys.ts";
import { isLoopbackAddress } from "../../server/access/foreign-reason.ts";
import { plainApiKeys, readApiKeys } from "../../server/access/read-api-keys.ts";
import { createApp } from "../../server/create-app.ts";
import { listen } from "../../server/listen.ts";
import { Metrics } from "../../server/metrics.ts";
import { ModelHost } from "../../server/model-host.ts";
import { RequestLog } from "../../server/request-log.ts";
import type { EmbeddingModel } from "../../spec/embedding-model.ts";
import { packageVersion } from "../../util/package-version.ts";
import { terminalLine } from "../../util/terminal-text.ts";
import { embeddingReference, openCorpus, openEmbedding } from "../corpus/open-corpus.ts";
import { describeLoaded, describeModel } from "../open-model.ts";
import { readSettings, samplingOptions } from "../settings.ts";
import { onInterrupt } from "../signals.ts";
import { modelSource } from "./model-source.ts";

const DEFAULT_PORT = 8080;

const flagsSchema = z.object({
  host: z.string().min(1, "an address").default("127.0.0.1"),
  port: z.coerce
    .number("a number")
    .int("a whole number")
    .min(0, "0 to 65535")
    .max(65_535, "0 to 65535")
    .default(DEFAULT_PORT),
  collection: z.string().default(DEFAULT_COLLECTION),
  embeddingModel: z.string().min(1, "a GGUF file, or id@http://server/v1").optional(),
  apiKeyFile: z.string().optional(),
  apiKey: z.array(z.string()).default([]),
  /** Commander's name for --no-auth. */
  auth: z.boolean().default(true),
  cors: z
    .array(z.string().regex(/^[a-z][a-z0-9+.-]*:\/\/[^/\s*]+$/, "an origin, such as https://example.org"))
    .default([]),
  logContent: z.boolean().default(false),
  /** In seconds. */
  grace: z.coerce
    .number("a number")
    .min(0, "a number of seconds from 0")
    .max(3600, "at most 3600")
    .default(30),
});

export async function serve(given: Record<string, unknown>): Promise<number> {
  const flags = checkFlags(given);
  const { host, port, grace, cors } = flags;
  // What --api-key says here is for clients; the key for a server behind stands in OPENAI_API_KEY.
  const settings = readSettings({ flags: { ...given, apiKey: undefined } });
  const keys = readKeys(flags);
  const isLoopback = isLoopbackAddress(host);
  if (!keys && !isLoopback && flags.auth)
    throw new InputError(
      `whoever reaches ${host} could ask: give --api-key-file (vikhr keys new makes its lines), or --no-auth where that is meant`,
    );
  const metrics = new Metrics();
  const log = new RequestLog({
    write: (line) => process.stderr.write(line),
    isTerminal: Boolean(process.stderr.isTTY),
    withContent: flags.logContent,
  });
  const source = modelSource(settings, {
    wrap: (model) => metrics.instrument(model),
    onLoad: (loaded) => log.notice(describeLoaded(loaded), loadedFacts(loaded)),
  });
  const models = new ModelHost(source);
  const corpora = new Corpora({ open: openCorpus });
  const mcp = createMcpHttpHandler({
    corpora,
    model: () => models.model,
    sampling: samplingOptions(settings),
    version: packageVersion(),
    onFault: (error) => log.fault("mcp", error),
  });
  const embedding = openedOnce(flags.embeddingModel);
  let isStopping = false;
  const app = createApp({
    model: () => models.model,
    models,
    corpora,
    collection: flags.collection,
    isLocal: isLoopback && !keys,
    access: { keys, cors, isLoopback },
    metrics,
    log,
    mcp,
    ...(embedding && { embedding: embedding.get }),
    isStopping: () => isStopping,
  });
  // Before the model: a port that is taken is told at once, and who asks early hears that it is being loaded.
  const listening = await listen(app, { host, port });
  const interruption = onInterrupt(() => process.exit(EXIT.interrupted));
  try {
    const loading = models.load();
    const interrupted = new Promise<"interrupted">((done) =>
      interruption.signal.addEventListener("abort", () => done("interrupted"), { once: true }),
    );
    // Nothing under way yet: a model that still opens is not waited for.
    if ((await Promise.race([loading, interrupted])) === "interrupted") return EXIT.interrupted;
    const what = terminalLine(describeModel(settings));
    process.stdout.write(`Vikhr is at ${listening.url} (${what}; Ctrl-C stops)\n`);
    await interrupted;
    isStopping = true;
    models.stopPulls();
    process.stderr.write("vikhr: stopping; Ctrl-C again ends at once\n");
    await mcp.close();
    await listening.stop(grace * 1000);
    await embedding?.close();
    await models.close();
    await corpora.close();
    return EXIT.ok;
  } finally {
    interruption.dispose();
  }
}

/** Of a line of the log that programs read; bytes of memory. */
function loadedFacts({ name, contextSize, trained, kvType, memory, threads, gpuLayers }: LoadedModel) {
  return {
    model: name,
    context_size: contextSize,
    trained_context_size: trained,
    kv_type: kvType,
    memory,
    threads,
    gpu_layers: gpuLayers,
  };
}

/** Opened at the first request for vectors. */
function openedOnce(model: string | undefined) {
  if (model === undefined) return undefined;
  const reference = embeddingReference(model);
  let opened: Promise<EmbeddingModel> | undefined;
  return {
    get: () => {
      opened ??= openEmbedding(reference).catch((error) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

function checkFlags(given: Record<string, unknown>): z.infer<typeof flagsSchema> {
  const result = flagsSchema.safeParse(given);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const name = String(path[0]).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new InputError(`--${name} must be ${message}`);
}

function readKeys({ apiKeyFile, apiKey, auth }: z.infer<typeof flagsSchema>): ApiKeys | undefined {
  const keys = [
    ...(apiKeyFile === undefined ? [] : readApiKeys(apiKeyFile)),
    ...plainApiKeys(apiKey, process.env.VIKHR_API_KEYS),
  ];
  if (keys.length > 0 && !auth) throw new InputError("--no-auth and keys are both given: leave out one");
  if (keys.length === 0 && apiKeyFile !== undefined)
    throw new InputError(`${apiKeyFile} holds no key: vikhr keys new makes a line for it`);
  return keys.length > 0 ? new ApiKeys(keys) : undefined;
}
