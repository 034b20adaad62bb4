import { marked } from "marked";
import { expect, it } from "vitest";
import { renderPlan } from "../../src/checks/render-plan.ts";
import type { PlanOperation } from "../../src/deployment.ts";
import { deployment, operation } from "../support/deployments.ts";

const LIMIT = 65_535;

function shown(plan: readonly PlanOperation[], maxBytes = LIMIT): string {
  return renderPlan(deployment({ plan }), maxBytes);
}

function kept(target: string): PlanOperation {
  return operation({ kind: "keep", target, reason: "as it is", effect: "none", changes: [] });
}

it("is empty while there is no plan", () => {
  expect(shown([])).toBe("");
});

it("shows risks first, then what changes, and how much stays", () => {
  const plan = [
    operation({ kind: "create", target: "config shop_nginx_ab12", effect: "none", changes: [] }),
    operation({
      target: "service shop_api",
      risks: [{ code: "image_unpinned", text: "its registry may give <another> one" }],
    }),
    operation({
      target: "service shop_db",
      reason: "mounts differ",
      effect: "recreate",
      changes: ["mounts[0].source: `a` → b", "mode: replicated → global"],
      risks: [{ code: "volume_changed", text: "volume a is left behind" }],
    }),
    operation({ kind: "remove", target: "service shop_old", effect: "stop", changes: [] }),
    kept("service shop_web"),
    kept("service shop_cache"),
    kept("network shop_default"),
    kept("secret shop_key"),
  ];
  expect(shown(plan)).toBe(
    [
      "### Plan",
      "",
      "1 to create, 2 to update, 1 to remove; 2 services, 1 network, 1 secret unchanged.",
      "",
      "**Look at this:**",
      "",
      "- ⚠ `service shop_db`: volume a is left behind",
      "- ⚠ `service shop_api`: its registry may give \\<another\\> one",
      "",
      "**What changes:**",
      "",
      "- **create** `config shop_nginx_ab12`: the image differs",
      "- ⚠ **update** `service shop_api`: the image differs (replaces tasks one after the other)",
      "  - `image: a → b`",
      "- ⚠ **update** `service shop_db`: mounts differ (removed and created anew: away for a moment)",
      "  - ``mounts[0].source: `a` → b``",
      "  - `mode: replicated → global`",
      "- **remove** `service shop_old`: the image differs (stops tasks)",
    ].join("\n"),
  );
});

it("tells the risk of something that is kept", () => {
  const network = {
    ...kept("network shop_default"),
    risks: [{ code: "network_differs" as const, text: "its subnet differs" }],
  };
  expect(shown([network])).toBe(
    [
      "### Plan",
      "",
      "Nothing to change; 1 network unchanged.",
      "",
      "**Look at this:**",
      "",
      "- ⚠ `network shop_default`: its subnet differs",
    ].join("\n"),
  );
});

it("names what it does not know by what it is not", () => {
  expect(shown([kept("volume a"), kept("volume b")])).toContain("2 other objects unchanged");
});

function large(count: number, changes: number, text = "env.LOG_LEVEL: info → debug") {
  return Array.from({ length: count }, (_, i) =>
    operation({
      target: `service shop_${i}`,
      changes: Array.from({ length: changes }, () => text),
      risks: [{ code: "image_unpinned", text: "its registry may give another one" }],
    }),
  );
}

it.each([
  [1, 40, 30],
  [10, 40, 10],
  [30, 40, 3],
  [50, 40, 1],
  [100, 40, 0],
])("names every one of %i services with %i changes each, and %i of these", (count, changes, n) => {
  const text = shown(large(count, changes));
  const lines = text.split("\n");
  expect(lines.length).toBeLessThanOrEqual(200);
  expect(lines.filter((line) => line.includes("**update**")).length).toBe(count);
  expect(lines.filter((line) => line.includes("info → debug")).length).toBe(count * n);
  expect(lines.filter((line) => line === `  - and ${changes - n} more`).length).toBe(
    n === 0 ? 0 : count,
  );
  if (count > 30) expect(text).toContain(`- and ${count - 30} more\n`);
});

it("shows fewer fields rather than fewer services when bytes are short", () => {
  const text = shown(large(40, 2, "€".repeat(400)), 30_000);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(30_000);
  expect(text.match(/\*\*update\*\*/gu)?.length).toBe(40);
  expect(text).not.toContain("€");
});

it("says that there is more when not even the names have room", () => {
  const text = shown(large(1_000, 1));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMIT);
  expect(text.endsWith("The rest of the plan is in the log.")).toBe(true);
});

it("shows hostile text as it is", () => {
  const hostile = "</code><img src=x>\n# [a](javascript:b) `` @octo **b**";
  const risks = [{ code: "port_moved" as const, text: hostile }];
  const text = shown([operation({ target: hostile, reason: hostile, changes: [hostile], risks })]);
  const page = marked.parse(text, { async: false });
  expect(page).not.toMatch(/<img|<a |<h1|<strong>b/u);
  expect(text).not.toMatch(/@octo(?! \*\*b\*\*`)/u);
});
