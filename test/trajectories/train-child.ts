/** A process to be killed: runs the settings in the JSON file that is its only argument, to the end. */
import { readFileSync } from "node:fs";
import { openGgmlBackend } from "../../src/tensor/ggml/backend.ts";
import { runSft } from "../../src/train/run-sft.ts";
import { sftSettings } from "../../src/train/sft-settings.ts";

const settings = sftSettings.parse(JSON.parse(readFileSync(process.argv[2]!, "utf8")));
const backend = await openGgmlBackend();
await runSft(settings, backend, {
  onBegin() {
    process.send?.("begin");
  },
  onStep({ state }) {
    process.send?.(state.step);
  },
});
backend.close();
process.disconnect?.();
