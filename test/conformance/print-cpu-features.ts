/**
 * Opens llama.cpp as for models with heads of the given lengths, one after the other, and prints what its library for
 * processors uses, and on Linux which files of that name are loaded.
 */
import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { chooseDevice, cpuLibrariesFor } from "../../src/engine/embedded/choose-device.ts";
import { openGgml } from "../../src/tensor/ggml/bindings.ts";

for (const keyLength of process.argv.slice(2).map(Number)) {
  await chooseDevice({ weightBytes: 0 }, { gpu: false }, cpuLibrariesFor({ keyLength }));
  // koffi unloads libraries that are garbage.
  globalThis.gc?.();
  await setImmediate();
}
const features = [...(await openGgml()).cpuFeatures];
const maps = process.platform === "linux" ? readFileSync("/proc/self/maps", "utf8") : "";
const libraries = [...new Set(maps.match(/\/\S*ggml-cpu\S*/g))];
console.log(JSON.stringify({ features, libraries }));
process.exit();
