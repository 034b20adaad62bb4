import { expect } from "vitest";
import type { CheckRun } from "../../sandbox/github/state.ts";

/** What a check run has to tell of a failure. */
export interface ShownFailure {
  readonly code: string;
  readonly title: RegExp;
  /** The sentence after "Cause:". */
  readonly cause: RegExp;
  /** The sentence after "Next:". */
  readonly next: RegExp;
  /** The sentence after "Now:", which says what runs. */
  readonly now: RegExp;
  /** A line of output that shows the cause; none when there is no output. */
  readonly evidence?: RegExp;
}

/** Expects a check run to tell a failure as a person needs it: cause, code, evidence, next step and what runs. */
export function expectShownFailure(run: CheckRun, shown: ShownFailure): void {
  const summary = readMarkdown(run.summary ?? "");
  const after = (word: string): string =>
    new RegExp(`\\*\\*${word}:\\*\\* (.*)`).exec(summary)?.[1] ?? "";
  expect(run.conclusion, summary).toBe("failure");
  expect(run.title, summary).toMatch(shown.title);
  expect(after("Cause"), summary).toMatch(shown.cause);
  expect(after("Cause"), summary).toContain(`[\`${shown.code}\`]`);
  expect(after("Next"), summary).toMatch(shown.next);
  expect(after("Now"), summary).toMatch(shown.now);
  if (shown.evidence) {
    const fenced = /(?<=\n)```\w*\n([\s\S]*?)\n```/.exec(summary)?.[1] ?? "";
    expect(fenced, summary).toMatch(shown.evidence);
  }
}

/** Markdown without the escapes of hostile text. */
function readMarkdown(markdown: string): string {
  return markdown.replaceAll(/\\([^a-z\d\s])/giu, "$1").replaceAll("\u200b", "");
}
