/** A child process of pull-killed.test.ts: pulls a model from the endpoint given, into the cache given. */
import { pullModel } from "../../src/engine/registry/pull-model.ts";

const [endpoint, cache, name] = process.argv.slice(2) as [string, string, string];
console.log(JSON.stringify(await pullModel(name, { endpoint, cache })));
