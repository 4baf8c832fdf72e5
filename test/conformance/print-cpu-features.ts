/** Opens llama.cpp as for models with heads of the given lengths, one after the other, and prints what its library uses. */
import { setImmediate } from "node:timers/promises";
import { openBackend } from "../../src/engine/embedded/bindings.ts";
import { chooseCpuLibrary } from "../../src/engine/embedded/choose-device.ts";
import { openGgml } from "../../src/tensor/ggml/bindings.ts";

for (const keyLength of process.argv.slice(2).map(Number)) {
  await chooseCpuLibrary({ keyLength });
  // koffi unloads libraries that are garbage.
  globalThis.gc?.();
  await setImmediate();
  await openBackend(false);
}
console.log(JSON.stringify([...(await openGgml()).cpuFeatures]));
process.exit();
