/** Loads ggml, lets go of it, collects garbage, and loads it again; prints what a function of it gives each time. */
import { setTimeout } from "node:timers/promises";
import { loadLibrary } from "../../src/tensor/ggml/load-library.ts";
import { locateLibraries } from "../../src/tensor/ggml/locate-libraries.ts";

const koffi = (await import("koffi")).default;
const overhead = () =>
  loadLibrary(koffi, locateLibraries().base).func("size_t ggml_tensor_overhead()")() as number;
const first = overhead();
for (let i = 0; i < 5; i++) {
  global.gc!();
  await setTimeout(20);
}
console.log(JSON.stringify([first, overhead()]));
