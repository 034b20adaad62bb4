import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseServerConfig } from "../../src/guard/parse-server-config.ts";
import { isLike } from "../../src/guard/patterns.ts";
import { bindingOf, mayDeploy, rulesFor } from "../../src/guard/rules-for.ts";
import { DEFAULT_RULES, NO_SERVER_CONFIG, type ServerConfig } from "../../src/guard/rules.ts";

function parse(text: string): ServerConfig {
  const parsed = parseServerConfig(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

describe("the rules of a repository", () => {
  const config = parse(`
allow:
  - { repositories: ["*"], cap_add: [SYS_NICE], limits: { cpus: "1", replicas: 2 } }
  - { repositories: ["acme/*"], cap_add: [], log_drivers: [syslog] }
  - { repositories: ["acme/shop", "other/x"], limits: { cpus: "4" } }
`);

  it.each([
    ["nobody/x", ["SYS_NICE"], DEFAULT_RULES.logDrivers, 1e9],
    ["acme/blog", [], ["syslog"], 1e9],
    ["Acme/Shop", [], ["syslog"], 4e9],
    ["other/x", ["SYS_NICE"], DEFAULT_RULES.logDrivers, 4e9],
  ])("%s are what the last entries about it say", (name, capAdd, logDrivers, nanoCpus) => {
    expect(rulesFor(config, name)).toEqual({
      ...DEFAULT_RULES,
      capAdd,
      logDrivers,
      limits: { ...DEFAULT_RULES.limits, nanoCpus, replicas: 2 },
    });
  });

  it.each([
    ["acme/shop", true],
    ["ACME/Shop", true],
    ["acme2/shop", false],
    ["acme/shop/x", false],
    ["partner/web", true],
    ["partner/web2", false],
  ])("let %s deploy: %j", (name, expected) => {
    const some = parse('repositories: ["acme/*", "partner/web"]');
    expect(mayDeploy(some, name)).toBe(expected);
    expect(mayDeploy(NO_SERVER_CONFIG, name)).toBe(true);
    expect(mayDeploy(parse("repositories: []"), name)).toBe(false);
  });

  it("bind a stack to one environment", () => {
    const asker = { repository: "Acme/shop", app: "shop", environment: "production" };
    const bound = parse(
      "stacks: { shop: { repository: acme/Shop, app: shop, environment: production } }",
    );
    expect(bindingOf(bound, "shop", asker)).toBe("bound");
    expect(bindingOf(bound, "shop2", asker)).toBe("unbound");
    for (const change of [{ repository: "acme/x" }, { app: "x" }, { environment: "x" }]) {
      expect(bindingOf(bound, "shop", { ...asker, ...change })).toBe("bound_to_another");
    }
  });
});

describe("a pattern", () => {
  it.each([
    ["*", "anything/at.all", "/", true],
    ["a*c", "abc", null, true],
    ["a*c", "ac", null, true],
    ["a*c", "abcd", null, false],
    ["ab*ba", "aba", null, false],
    ["a*b*c", "aXbYc", null, true],
    ["a*bc*c", "abc", null, false],
    ["**", "", null, true],
    ["a/*", "a/b", "/", true],
    ["a/*", "a/b/c", "/", false],
    ["*/*", "a", "/", false],
    ["*.a", "b.a", ".", true],
    ["*.a", "c.b.a", ".", false],
    ["a.b", "axb", null, false],
  ])("%s stands for %s parted by %j: %j", (pattern, text, separator, expected) => {
    expect(isLike(pattern, text, separator)).toBe(expected);
  });

  it("stands for what a regular expression would", () => {
    const short = fc.stringMatching(/^[ab*]{0,6}$/);
    fc.assert(
      fc.property(short, fc.stringMatching(/^[ab]{0,8}$/), (pattern, text) => {
        const expression = new RegExp(`^${pattern.replaceAll(/\*+/g, ".*")}$`);
        expect(isLike(pattern, text)).toBe(expression.test(text));
      }),
    );
  });
});
