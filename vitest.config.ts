import { defineConfig } from "vitest/config";

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
          testTimeout: 20_000,
          // A process for each file would take longer to start than most take to run.
          isolate: false,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/{conformance,trajectories,e2e,models}/**/*.test.ts"],
          globalSetup: ["test/build-cli.ts"],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
