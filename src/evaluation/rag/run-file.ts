/** run.json: what the models of one folder were asked, so that none is compared with another that was asked otherwise. */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { readTextFile } from "../../util/read-text-file.ts";
import { writeFileAtomic } from "../../util/write-file-atomic.ts";

const schema = z.object({
  /** Of everything that is asked. */
  trials: z.string(),
  /** Names -> SHA-256. */
  data: z.record(z.string(), z.string()),
  /** Of each domain. */
  questions: z.int().positive(),
  models: z.array(
    z.object({
      name: z.string().min(1),
      protocols: z.array(z.enum(["two-step", "single-prompt"])),
      settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    }),
  ),
});

export type RunFile = z.infer<typeof schema>;
type RunModel = RunFile["models"][number];

const MAX_BYTES = 1024 * 1024;

/**
 * What is at `path` with `run` added: a model that is there already keeps the protocols that it was asked by. Throws
 * InputError where other questions were asked there.
 */
export function joinRun(path: string, run: RunFile): RunFile {
  const before = readRun(path);
  if (!before) return run;
  if (before.trials !== run.trials)
    throw new InputError(
      `${path}: models were asked other questions here (${describe(before)}; now ${describe(run)}): give another --run`,
    );
  const models = new Map(before.models.map((model) => [model.name, model]));
  for (const model of run.models) models.set(model.name, withProtocolsOf(models.get(model.name), model));
  return { ...run, models: [...models.values()] };
}

export function writeRun(path: string, run: RunFile): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(run, null, 2)}\n`);
}

function withProtocolsOf(before: RunModel | undefined, now: RunModel): RunModel {
  const same = before && JSON.stringify(before.settings) === JSON.stringify(now.settings);
  return { ...now, protocols: [...new Set([...(same ? before.protocols : []), ...now.protocols])] };
}

/** undefined where there is none. */
export function readRun(path: string): RunFile | undefined {
  const text = readTextFile(path, { maxBytes: MAX_BYTES, optional: true });
  if (text === undefined) return undefined;
  const damaged = (cause?: unknown) =>
    new InputError(`${path} is damaged: give another --run, or delete this folder`, { cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged(cause);
  }
  const result = schema.safeParse(json);
  if (!result.success) throw damaged(result.error);
  return result.data;
}

function describe({ data, questions }: RunFile): string {
  return `${questions} a domain of ${Object.keys(data).join(", ")}`;
}
