import { describe, expect, it } from "vitest";
import { renderProblems } from "../../src/checks/render-failure.ts";
import { failure } from "../support/deployments.ts";

describe("the problems of a failure", () => {
  const place = { path: "stack.yml", level: "failure", title: "port in use" } as const;
  const own = { ...place, line: 7, message: "`services.web.ports`: port 80 is taken. Publish 81." };
  const other = { ...place, line: 9, message: "port 90 is taken. Publish 91." };

  it.each(["port 80 is taken", "web: port 80 is taken"])(
    "do not repeat what the failure itself says: %s",
    (summary) => {
      const lines = renderProblems(failure({ summary, annotations: [own, other] })).split("\n");
      expect(lines[0]).toBe("- `stack.yml:7`");
      expect(lines[1]).toMatch(/^- `stack\.yml:9` \*\*port in use\*\* port 90/);
      expect(lines).toHaveLength(2);
    },
  );
});
