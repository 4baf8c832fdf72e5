/** `vikhr models list`: the models known by name, and those that were downloaded. */
import picocolors from "picocolors";
import { type ListedModel, listModels } from "../engine/registry/list-models.ts";
import { EXIT } from "../errors.ts";
import { formatBytes } from "../util/format-quantity.ts";
import { terminalJson, terminalLine } from "../util/terminal-text.ts";

export async function modelsList(flags: Record<string, unknown>): Promise<number> {
  const models = await listModels();
  if (flags.json) {
    const rows = models.map(({ approximateBytes, ...model }) => ({
      ...model,
      approximate_bytes: approximateBytes,
    }));
    process.stdout.write(`${terminalJson(rows)}\n`);
    return EXIT.ok;
  }
  const { bold, dim, green } = picocolors.createColors(
    Boolean(process.stdout.isTTY) && picocolors.isColorSupported,
  );
  const width = Math.max(...models.map(({ name }) => name.length));
  for (const model of models) {
    const name = terminalLine(model.name).padEnd(width);
    const state = describeState(model).padEnd(26);
    const painted = model.state === "ready" ? green(state) : dim(state);
    process.stdout.write(`${bold(name)}  ${painted}  ${terminalLine(model.description)}\n`);
  }
  return EXIT.ok;
}

function describeState({ name, state, bytes, approximateBytes }: ListedModel): string {
  const whole = approximateBytes === undefined ? "" : ` of ${formatBytes(approximateBytes)}`;
  if (state === "ready") return `ready, ${formatBytes(bytes ?? 0)}`;
  if (state === "partial") return `${formatBytes(bytes ?? 0)}${whole}, pull goes on`;
  if (approximateBytes === undefined) return name === "nano" ? "missing" : "not there";
  return `to pull, about ${formatBytes(approximateBytes)}`;
}
