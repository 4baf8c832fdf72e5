import { defaultExclude, defineConfig } from "vitest/config";

/** Beside the source, but not of the minute that `npm run check` has: seconds of gradients, sessions, hostile Markdown. */
const SLOW = ["src/model/llama.test.ts", "src/mcp/*.test.ts", "web/src/markdown/*.test.ts"];

/**
 * Two projects by cost: `unit` sits beside the source and is what `npm run check` runs; `system` crosses folders,
 * starts processes and real servers, loads weights. `npm test` runs both.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "web/src/**/*.test.ts", "test/*.test.ts"],
          exclude: [...defaultExclude, ...SLOW],
          testTimeout: 20_000,
          // A process for each file would take longer to start than most take to run.
          isolate: false,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/{conformance,trajectories,e2e,models}/**/*.test.ts", ...SLOW],
          globalSetup: ["test/build-cli.ts"],
          testTimeout: 300_000,
          fileParallelism: false,
          // What a page shows comes in its own time, and a busy machine's is long.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
