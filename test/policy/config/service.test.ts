import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/policy/config/config.ts";

/** `<line> <level> <title>: <message>` of each remark on a file. */
function remarksOn(text: string, policyText = text): readonly string[] {
  const parsed = parseConfig({
    policyText,
    contentText: text,
    repositoryName: "shop",
    defaultBranch: "main",
    hasDockerfile: true,
  });
  const remarks = parsed.ok ? parsed.warnings : parsed.problems;
  return remarks.map(({ line, level, title, message }) => `${line} ${level} ${title}: ${message}`);
}

function inService(...lines: readonly string[]): string {
  return ["service:", "  image: img:1", ...lines.map((line) => `  ${line}`)].join("\n");
}

describe("a service is told of in the converter's words, at its line", () => {
  it.each<[string, string, readonly (string | RegExp)[]]>([
    [
      "an unknown key",
      inService("imgae: x"),
      [/^3 failure unknown key: `service\.imgae`: .*"imgae"/],
    ],
    [
      "one of a named app",
      "apps:\n  shop:\n    service:\n      image: x\n      ports:\n        - '80'\n        - 99999:80",
      [/^7 failure .*`apps\.shop\.service\.ports\[1\]`: "99999:80" is no port: .*\.$/],
    ],
    [
      "one that is merged in",
      "x-base: &base\n  service:\n    image: x\n    port: 1\napps:\n  shop: { <<: *base }",
      [/^4 failure unknown key: `apps\.shop\.service\.port`: /],
    ],
    ["nothing to run", "service: { init: true }", [/^1 failure image missing: `service`: /]],
    [
      "a variable that no environment has",
      inService("user: ${WHO}"),
      [/^3 failure variable unset: `service\.user`: variable WHO is not set/],
    ],
    [
      "a build context outside of the repository",
      "path: api\nservice:\n  build:\n    context: ../..",
      [/^4 failure build path: `service\.build\.context`: "\.\.\/\.\." leaves the repository: /],
    ],
    [
      "several at once, with control characters taken out",
      inService('user: "${A}"', 'labels: { "a\\tb": "${B}" }'),
      [/^3 failure variable unset: /, /^4 failure variable unset: `service\.labels\.a b`: /],
    ],
    [
      "a host port that the old task holds",
      inService(
        "ports: [{ target: 80, published: 80, mode: host }]",
        "deploy: { update_config: { order: start-first } }",
      ),
      [/^4 failure host port order: `service\.deploy\.update_config\.order`: /],
    ],
  ])("%s", (_, text, expected) => {
    const remarks = remarksOn(text);
    expect(remarks).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(remarks[index]).toMatch(pattern);
  });

  it("doubts warn, and stop nothing", () => {
    const text = "path: services/api\nservice:\n  build: ..\n  image: shop:dev";
    const [context, value, ...more] = remarksOn(text);
    expect(context).toBe(
      "3 warning is this meant?: `service.build`: the build context lies outside of the app's `path`, and changes there deploy nothing: make `path` as wide.",
    );
    expect(value).toMatch(/^4 warning is this meant\?: `service\.image`: /);
    expect(more).toEqual([]);
  });

  it("numbers and dates that Docker writes in another way are doubtful", () => {
    const text = inService(
      "environment: { A: 1.10, B: 0123, C: 2020-01-01, D: 5, E: '1.10' }",
      "deploy: { labels: { v: 1.0 } }",
    );
    expect(remarksOn(text)).toEqual([
      '3 warning is this meant?: `service.environment.A`: Docker reads this as 1.1: write "1.10" in quotes to keep it as it is.',
      '3 warning is this meant?: `service.environment.B`: Docker reads this as 83: write "0123" in quotes to keep it as it is.',
      '3 warning is this meant?: `service.environment.C`: Docker reads this as 2020-01-01 00:00:00 +0000 UTC: write "2020-01-01" in quotes to keep it as it is.',
      '4 warning is this meant?: `service.deploy.labels.v`: Docker reads this as 1: write "1.0" in quotes to keep it as it is.',
    ]);
  });

  it("no more is told than a person would read", () => {
    const wrong = Array.from({ length: 300 }, (_, index) => `wrong${index}: 1`);
    const remarks = remarksOn(inService(...wrong));
    expect(remarks).toHaveLength(100);
    expect(remarks.at(-1)).toBe(
      "102 failure more remarks: 201 more remarks are not shown: mend these first.",
    );
  });

  it("keys without an effect are doubtful", () => {
    expect(remarksOn(inService("container_name: shop"))).toEqual([
      expect.stringMatching(/^3 warning is this meant\?: `service\.container_name`: /),
    ]);
  });

  it("what Skep sets for every service, or reads as it is meant, is no doubt", () => {
    expect(remarksOn(inService("user: 1000", "command: serve --port 8080"))).toEqual([]);
  });
});

describe("a service may use", () => {
  it("the variables of every environment on the default branch, and Skep's own", () => {
    const policy = "environments:\n  a: { variables: { A: x } }\n  b: { variables: { B: y } }\n";
    const text = inService(
      "labels: { l: '${A} ${B} ${SKEP_COMMIT}${SKEP_VERSION}${SKEP_ENVIRONMENT}' }",
    );
    expect(remarksOn(`${policy}${text}`)).toEqual([]);
    expect(remarksOn(text, policy)).toEqual([]);
    const own = "environments: { a: { variables: { A: x, B: y } } }\n";
    expect(remarksOn(`${own}${text}`, "")).toEqual([
      expect.stringMatching(/^4 failure variable unset: `service\.labels\.l`: variable A /),
    ]);
  });

  it("variables that another mistake in the environments hides for now", () => {
    const text = `environments: { a: { variables: { A: x }, url: x } }\n${inService("user: $A")}`;
    expect(remarksOn(text)).toEqual([expect.stringMatching(/^1 failure invalid value: .*\.url/)]);
  });

  it("a dollar sign written twice, and files that are looked at later", () => {
    const env = ["environment: { A: $$x }", "env_file: [a.env]", "networks: [b]"];
    expect(remarksOn(inService(...env, "volumes: ['data:/data']"))).toEqual([]);
  });
});
