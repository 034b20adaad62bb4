import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import type { CheckRun } from "../../sandbox/github/state.ts";
import type { Product } from "./product.ts";
import type { Files } from "./product-app.ts";
import { expectShownFailure, type ShownFailure } from "./shown-failure.ts";
import { quickService, stackFiles, type StackParts } from "./stack-files.ts";
import { removeStack } from "./stack-look.ts";

/** One way in which a deployment fails, and what GitHub has to tell of it. */
export interface Cause {
  readonly stack: StackParts;
  /** More files of the repository. */
  readonly files?: Files;
  readonly shown: ShownFailure;
}

/** What is said when nothing was touched. */
export const UNTOUCHED = /^nothing was changed on the Swarm\.$/;
/** What is said when a first version failed and was taken away again. */
export const REMOVED = /^nothing runs: no version ran here before, and .* removed again\.$/;

/** A service of a given image that is tried again without a pause when it ends. */
export function givenService(parts: Parameters<typeof quickService>[0] = {}): StackParts {
  return quickService({
    build: undefined,
    image: BUSYBOX_IMAGE,
    ...parts,
    deploy: { restart_policy: { delay: "100ms" }, ...parts.deploy },
  });
}

/** A service whose shell runs a script. */
export function scriptService(
  script: string,
  parts: Parameters<typeof quickService>[0] = {},
): StackParts {
  return givenService({ command: ["sh", "-c", script], ...parts });
}

/** Deploys a stack in a repository of its own and expects it to fail with its cause told. */
export async function expectCause(
  product: Product,
  name: string,
  { stack, files, shown }: Cause,
): Promise<void> {
  expectShownFailure(await deployOnce(product, name, stackFiles(stack, files)), shown);
}

/** Deploys files in a repository of their own, with an owner of its own, and leaves nothing; returns what was told. */
export async function deployOnce(product: Product, name: string, files: Files): Promise<CheckRun> {
  const app = await product.app(name, name);
  try {
    return await app.finished(await app.push(files));
  } finally {
    await removeStack(`${name}-production`);
  }
}
