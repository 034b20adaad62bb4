import { defineConfig } from "vitest/config";

const ENGINE_TESTS = [
  "test/integration/**/*.test.ts",
  "test/e2e/**/*.test.ts",
  "test/sandbox/engine*.test.ts",
  "test/support/three-nodes*.test.ts",
];

export default defineConfig({
  test: {
    reporters: ["default"],
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ENGINE_TESTS,
          testTimeout: 20_000,
        },
      },
      {
        // One file after the other: they share one Docker Engine and measure time.
        extends: true,
        test: {
          name: "integration",
          include: ENGINE_TESTS,
          globalSetup: ["test/support/global-engine.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 90_000,
        },
      },
    ],
  },
});
