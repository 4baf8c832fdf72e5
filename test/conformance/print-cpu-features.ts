/** Opens llama.cpp as for models with heads of the given lengths, one after the other, and prints what its library uses. */
import { openBackend } from "../../src/engine/embedded/bindings.ts";
import { chooseCpuLibrary } from "../../src/engine/embedded/choose-device.ts";
import { openGgml } from "../../src/tensor/ggml/bindings.ts";

for (const keyLength of process.argv.slice(2).map(Number)) {
  await chooseCpuLibrary({ keyLength });
  await openBackend(false);
}
console.log(JSON.stringify([...(await openGgml()).cpuFeatures]));
process.exit();
