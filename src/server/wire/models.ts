/** JSON of /v1/models. */
import { z } from "@hono/zod-openapi";
import type { ListedModel } from "../../engine/registry/list-models.ts";
import type { PullProgress } from "../../engine/registry/pull-progress.ts";

export const modelSchema = z
  .object({
    id: z.string(),
    object: z.literal("model"),
    created: z.int().openapi({ description: "when it was loaded, in seconds since 1970" }),
    owned_by: z.literal("vikhr"),
  })
  .openapi("Model");

export const modelListSchema = z.object({ object: z.literal("list"), data: z.array(modelSchema) });

export const knownModelSchema = z
  .object({
    id: z.string(),
    description: z.string(),
    state: z.enum(["loaded", "ready", "partial", "absent"]),
    bytes: z.number().nullable().openapi({ description: "on disk" }),
    approximate_bytes: z.number().nullable().openapi({ description: "of the whole file" }),
  })
  .openapi("KnownModel");

export const knownModelListSchema = z.object({ object: z.literal("list"), data: z.array(knownModelSchema) });

export const modelRequestSchema = z.object({ model: z.string().min(1).max(1000) }).openapi("ModelRequest");

export const modelNameParam = z.object({ model: z.string() });

export function modelJson(id: string, loadedAt: Date): z.infer<typeof modelSchema> {
  const created = Math.floor(loadedAt.getTime() / 1000);
  return { id, object: "model", created, owned_by: "vikhr" };
}

export function knownModelJson(model: ListedModel, isLoaded: boolean): z.infer<typeof knownModelSchema> {
  const { name, description, state, bytes, approximateBytes } = model;
  return {
    id: name,
    description,
    state: isLoaded ? "loaded" : state,
    bytes: bytes ?? null,
    approximate_bytes: approximateBytes ?? null,
  };
}

export function pullProgressJson({ bytes, total, bytesPerSecond }: PullProgress) {
  return {
    downloaded_bytes: bytes,
    total_bytes: total,
    bytes_per_second: Math.round(bytesPerSecond),
    eta_seconds: bytesPerSecond > 0 ? Math.round((total - bytes) / bytesPerSecond) : null,
  };
}
