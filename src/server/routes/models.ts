/** /v1/models: what can be asked, what is known, and for the person at this machine another model. */
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { parseModelReference } from "../../engine/registry/registry.ts";
import { NotFoundError } from "../../errors.ts";
import { eventStream } from "../event-stream.ts";
import type { ModelHost } from "../model-host.ts";
import { RequestError } from "../openai-error.ts";
import type { ServerParts } from "../server-parts.ts";
import {
  knownModelJson,
  knownModelListSchema,
  modelJson,
  modelListSchema,
  modelNameParam,
  modelRequestSchema,
  modelSchema,
  pullProgressJson,
} from "../wire/models.ts";
import { errorResponse } from "../wire/openapi.ts";

const QUOTES = "quotes";

const listRoute = createRoute({
  method: "get",
  path: "/v1/models",
  summary: "What can be asked now",
  description: "One model, or `quotes`, which answers from documents in their own words.",
  responses: {
    200: { description: "the models", content: { "application/json": { schema: modelListSchema } } },
  },
});

const knownRoute = createRoute({
  method: "get",
  path: "/v1/models/known",
  summary: "Models known by name",
  description: "Those that can be loaded or pulled, and which of them is loaded.",
  responses: {
    200: { description: "the models", content: { "application/json": { schema: knownModelListSchema } } },
  },
});

const oneRoute = createRoute({
  method: "get",
  path: "/v1/models/{model}",
  summary: "One of the models that can be asked",
  description: "404 where it is not the one that answers.",
  request: { params: modelNameParam },
  responses: {
    200: { description: "the model", content: { "application/json": { schema: modelSchema } } },
    default: errorResponse,
  },
});

const request = {
  body: { required: true, content: { "application/json": { schema: modelRequestSchema } } },
} as const;

const loadRoute = createRoute({
  method: "post",
  path: "/v1/models/load",
  summary: "Answer with another model",
  description:
    "`quotes`, a name, or a GGUF file of this machine. Requests under way finish on the model that they began with. Only for the person at this machine (403).",
  request,
  responses: {
    200: {
      description: "the model that answers now",
      content: { "application/json": { schema: modelSchema } },
    },
    default: errorResponse,
  },
});

const pullRoute = createRoute({
  method: "post",
  path: "/v1/models/pull",
  summary: "Download a model",
  description:
    "Events: `progress` {downloaded_bytes, total_bytes, bytes_per_second, eta_seconds}, then `done` {id, bytes, sha256} or `error`. Leaving stops it; the next pull goes on from there. Only for the person at this machine (403).",
  request,
  responses: {
    200: { description: "the events", content: { "text/event-stream": {} } },
    default: errorResponse,
  },
});

export function modelsRoutes({ model, models }: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono();
  const startedAt = new Date();
  const current = () => modelJson(model()?.name ?? QUOTES, models?.loaded.loadedAt ?? startedAt);

  app.openapi(listRoute, (context) => context.json({ object: "list" as const, data: [current()] }, 200));

  app.openapi(knownRoute, async (context) => {
    // What the settings name was not asked for by name.
    const loaded = models?.isReady ? fullName(models.loaded.name ?? models.model?.name) : undefined;
    const known = (await models?.list()) ?? [];
    const data = known.map((one) => knownModelJson(one, one.name === loaded));
    return context.json({ object: "list" as const, data }, 200);
  });

  app.openapi(oneRoute, (context) => {
    const { model: id } = context.req.valid("param");
    const now = current();
    if (now.id !== id)
      throw new RequestError(`there is no model ${JSON.stringify(id)} here: ${now.id} answers`, {
        status: 404,
        param: "model",
        code: "model_not_found",
      });
    return context.json(now, 200);
  });

  app.openapi(loadRoute, async (context) => {
    const host = localHost(context.get("isLocal"), models);
    await host.load(context.req.valid("json").model);
    return context.json(current(), 200);
  });

  app.openapi(pullRoute, (context) => {
    const host = localHost(context.get("isLocal"), models);
    const { model: id } = context.req.valid("json");
    return eventStream(async (send, signal) => {
      const { bytes, sha256 } = await host.pull(id, {
        signal,
        onProgress: (progress) => void send({ event: "progress", data: pullProgressJson(progress) }),
      });
      await send({ event: "done", data: { id, bytes, sha256 } });
    }, context.get("reportFault"));
  });
  return app;
}

function localHost(isLocal: boolean, models: ModelHost | undefined): ModelHost {
  if (!isLocal)
    throw new RequestError("models are loaded and pulled by the person at this machine only", {
      status: 403,
    });
  if (!models) throw new NotFoundError("this server has one model, which stays");
  return models;
}

/** With its quantization, as lists have it. */
function fullName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : (parseModelReference(name)?.name ?? name);
}
