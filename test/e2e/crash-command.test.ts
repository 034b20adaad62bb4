import { describe, expect, test } from "vitest";
import { openProduct } from "../support/product.ts";
import { readDeployments } from "../support/product-data.ts";
import { openPull } from "../support/product-pull.ts";
import { waitUntil } from "../support/wait-until.ts";
import { webDockerfile, webFiles } from "../support/web-files.ts";

const DEADLINE = 300_000;

/**
 * What Skep does about a `/rollback` on a pull request, and the points at which it is killed there. A reaction that is
 * given twice is one on GitHub; a comment must not be.
 */
const FAULTS = [
  ...["react", "create_comment", "update_comment"].flatMap((effect) =>
    ["before", "during", "after"].map((point) => `${effect}:${point}`),
  ),
  ...["apply", "mark"].map((effect) => `${effect}:during`),
];

describe.concurrent("Skep killed while it carries a rollback out", () => {
  test.each(FAULTS)(
    "at %s rolls back once, and tells it once",
    async (fault) => {
      const product = await openProduct();
      const app = await product.app(`crash-back-${FAULTS.indexOf(fault)}`);
      try {
        await product.start();
        const first = await app.push(webFiles("one"));
        await app.finished(first);
        const image = (await app.service())?.Spec.TaskTemplate.ContainerSpec.Image;
        await app.finished(await app.push({ Dockerfile: webDockerfile("two") }));
        const pull = await openPull(product, app, { "NOTES.md": "words\n" });
        await product.github.idle();
        await product.kill();
        await product.start({ SKEP_FAULT: fault });
        const comment = pull.comment("/rollback");
        await product.died();
        await product.start();

        expect(await pull.ended(comment)).toBe("rocket");
        expect(await pull.untilStatus(/runs in production again/)).toMatch(/\*\*Held\*\*/);
        expect(pull.reactions(comment).toSorted()).toEqual(["eyes", "rocket"]);
        const rollbacks = readDeployments(product.dataDir).filter(
          ({ kind }) => kind === "rollback",
        );
        expect(rollbacks.map(({ state }) => state)).toEqual(["succeeded"]);
        const service = await app.service();
        expect(service?.Spec.TaskTemplate.ContainerSpec.Image).toBe(image);
        expect(service?.Spec.Labels["skep.deployment"]).toBe(rollbacks[0]?.id);
        await waitUntil("GitHub shows one more success of the first commit", () =>
          app
            .deployments(first)
            .map(({ statuses }) => statuses.at(-1)?.state)
            .every((state, at) => state === (at === 0 ? "inactive" : "success")),
        );
        expect(app.deployments(first)).toHaveLength(2);
        expect(app.checkRuns(first)).toHaveLength(2);
        expect(product.problems()).toEqual([]);
      } finally {
        await product.close();
        await app.remove();
      }
    },
    DEADLINE,
  );
});
