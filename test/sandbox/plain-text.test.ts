import { expect, it } from "vitest";
import { toPlainText } from "../../sandbox/plain-text.ts";

it("shows Markdown as a terminal reads it", () => {
  const markdown = [
    "**Cause:** it failed \\(exit code 1\\) ([`task_exited`](http://x/e))",
    "",
    "```text",
    "line one",
    "```",
    "",
    "http://x/app",
    "",
    "- **create** `service a\\_b`: new",
    "",
    "| Phase | Took |",
    "| --- | ---: |",
    "| Build | 1.1 s |",
    "| Deploy | 12.1 s |",
  ].join("\n");
  expect(toPlainText(markdown)).toBe(
    [
      "Cause: it failed (exit code 1) (task_exited (http://x/e))",
      "",
      "    line one",
      "",
      "http://x/app",
      "",
      "- create service a\\_b: new",
      "",
      "Phase     Took",
      "Build    1.1 s",
      "Deploy  12.1 s",
    ].join("\n"),
  );
});
