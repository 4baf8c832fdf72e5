/** Imported for what it does: the processes that a test starts run our modules in source form, as the test itself does. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const tsx = join(import.meta.dirname, "../../node_modules/tsx/dist/loader.mjs");
process.execArgv.push("--import", pathToFileURL(tsx).href);
