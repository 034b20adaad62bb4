import { isDeepStrictEqual } from "node:util";
import type { Release } from "../../release.ts";
import type { Ran } from "./command-facts.ts";

/**
 * The releases that led up to the one that runs, oldest first, each once, without itself. Going back takes away what it
 * went back from, so that going back again goes further and never to what was fled from. The same commit with the same
 * stack is the same release, however often it was deployed; other variables make another stack of it. Pure.
 */
export function releasesBefore(newestFirst: readonly Ran[], current: Release): readonly Ran[] {
  let line: readonly Ran[] = [];
  for (const ran of newestFirst.toReversed()) {
    const index = line.findIndex(({ release }) => isSame(release, ran.release));
    const isBack = ran.deployment.kind === "rollback" && index >= 0;
    const before = isBack
      ? line.slice(0, index)
      : line.filter(({ release }) => !isSame(release, ran.release));
    line = [...before, ran];
  }
  const end = line.findIndex(({ release }) => isSame(release, current));
  return end < 0 ? line : line.slice(0, end);
}

function isSame(left: Release, right: Release): boolean {
  return (
    left.id === right.id || (left.sha === right.sha && isDeepStrictEqual(left.stack, right.stack))
  );
}
