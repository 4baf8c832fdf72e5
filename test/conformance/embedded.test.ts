/** The embedded engine passes the suite of all engines, on a tiny model of random weights. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { openEmbedded } from "../../src/engine/embedded/open-embedded.ts";
import { languageModelConformance } from "./language-model.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-embedded-"));
const path = join(folder, "tiny.gguf");
beforeAll(() => writeTinyGguf(path));
afterAll(() => rmSync(folder, { recursive: true }));

languageModelConformance("embedded", () => openEmbedded(path));
