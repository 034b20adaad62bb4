import { describe, expect, it } from "vitest";
import { loadStack, type LoadResult } from "../../../src/stack/load/load-stack.ts";
import type { StackService } from "../../../src/stack/model.ts";

interface Given {
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly asCli?: boolean;
}

function load(texts: readonly string[], given: Given = {}): LoadResult {
  const { variables = {}, files = {}, asCli = true } = given;
  return loadStack({
    files: texts.map((text, index) => ({ path: `/stack/${index}.yml`, text })),
    readFile: (path) => (path in files ? new TextEncoder().encode(files[path]) : null),
    variables,
    asCli,
  });
}

/** A file with one service that has an image, and these lines besides. */
function service(...lines: readonly string[]): string {
  return ["services:", "  a:", "    image: img:1", ...lines.map((line) => `    ${line}`), ""].join(
    "\n",
  );
}

function loaded(texts: readonly string[], given: Given = {}): StackService {
  const result = load(texts, given);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.model.services.a ?? {};
}

function problem(texts: readonly string[], given: Given = {}): string {
  const result = load(texts, given);
  if (result.ok) return "accepted";
  const [first] = result.problems;
  return `${first?.code} ${first?.file}:${first?.line} ${first?.key}`;
}

function notes(texts: readonly string[], given: Given = {}): readonly string[] {
  const result = load(texts, given);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.notes.map(({ code, file, line, key }) => `${code} ${file}:${line} ${key}`);
}

describe("the YAML of a stack", () => {
  it("is the first document's", () => {
    expect(loaded([`${service()}---\nservices: [`]).image).toBe("img:1");
  });

  it("has anchors and merge keys, of which the mapping's own win and then the earlier", () => {
    const text = [
      "x-a: &a {image: a, user: a}",
      "x-b: &b {image: b, user: b, hostname: b}",
      "services:",
      "  a:",
      "    <<: [*a, *b]",
      "    image: own",
    ].join("\n");
    expect(loaded([text])).toMatchObject({ image: "own", user: "a", hostname: "b" });
  });

  it("gives an anchor's name again", () => {
    const text = "x-a: &a {image: one}\nx-b: [*a, &a {image: two}]\nservices: {a: *a}\n";
    expect(loaded([text]).image).toBe("two");
  });

  it.each([
    ["a mapping that is not there", "", "top_level /stack/0.yml:null "],
    ["a list", "- a\n", "top_level /stack/0.yml:1 "],
    ["a key that comes twice", "a: 1\nb: 1\na: 2\n", "yaml_duplicate_key /stack/0.yml:3 "],
    ["a tab", "a:\n\tb: 1\n", "yaml_syntax /stack/0.yml:2 "],
    ["an unknown anchor", "a: 1\nb: *x\n", "yaml_unknown_anchor /stack/0.yml:2 "],
    ["an anchor in itself", "a: &a\n  b: *a\n", "yaml_cycle /stack/0.yml:2 "],
    ["a merged list", "a: {<<: [1]}\n", "yaml_merge /stack/0.yml:1 "],
    [
      "a key that is a number",
      service("labels: {1: a}"),
      "key_type /stack/0.yml:4 services.a.labels",
    ],
    ["infinity", service("x-a: .inf"), "not_finite /stack/0.yml:4 services.a.x-a"],
    ["depth", `a: ${"[".repeat(300)}${"]".repeat(300)}`, "yaml_too_deep /stack/0.yml:1 "],
    ["more depth", "[".repeat(20_000), "yaml_too_deep /stack/0.yml:1 "],
    ["size", `a: ${"x".repeat(3_000_000)}`, "file_too_large /stack/0.yml:1 "],
  ])("is refused for %s", (_, text, expected) => {
    expect(problem([text])).toBe(expected);
  });

  it("is refused for aliases that make much of little", () => {
    const lines = Array.from({ length: 9 }, (_, level) => {
      const before = level === 0 ? '"lol"' : `*a${level - 1}`;
      return `x-${level}: &a${level} [${Array.from({ length: 9 }, () => before).join(", ")}]`;
    });
    expect(problem([`${lines.join("\n")}\n${service()}`])).toMatch(/^yaml_aliases /);
  });
});

describe("the schema", () => {
  it.each([
    [
      "an unknown key",
      service("labels: {}", "foo: 1"),
      "unknown_key /stack/0.yml:5 services.a.foo",
    ],
    ["a wrong type", service("user: 1000"), "wrong_type /stack/0.yml:4 services.a.user"],
    [
      "a bad port",
      service("ports:", "  - 80", "  - a"),
      "bad_format /stack/0.yml:6 services.a.ports[1]",
    ],
    ["a twin", service("dns: [a, a]"), "not_unique /stack/0.yml:4 services.a.dns[1]"],
    [
      "a missing key",
      service("volumes: [{target: /a}]"),
      "missing_key /stack/0.yml:4 services.a.volumes[0]",
    ],
    [
      "a forbidden key",
      service("mem_limit: 1g"),
      "forbidden_key /stack/0.yml:4 services.a.mem_limit",
    ],
    ["no image", "services:\n  a: {}\n", "image_missing /stack/0.yml:2 services.a"],
    ["a version", `version: "2.4"\n${service()}`, "unsupported_version /stack/0.yml:1 version"],
    [
      "a key of later versions",
      `version: "3.6"\n${service("init: true")}`,
      "unknown_key /stack/0.yml:5 services.a.init",
    ],
    [
      "a negative count",
      service("deploy: {replicas: -1}"),
      "bad_number /stack/0.yml:4 services.a.deploy.replicas",
    ],
    [
      "more ports than there are",
      service("ports: ['1-65535:1-65535', '1-65534:2-65535']"),
      "too_many_ports /stack/0.yml:4 services.a.ports[1]",
    ],
    [
      "more ports than there are, in all services",
      `${service("ports: ['1-40000:1-40000']")}  b: {image: x, ports: ['1-40000:1-40000']}\n`,
      "too_many_ports /stack/0.yml:5 services.b.ports[0]",
    ],
    ["a bare version", `version: 3.8\n${service()}`, "unsupported_version /stack/0.yml:1 version"],
    ["a date", service("user: 2020-01-01"), "wrong_type /stack/0.yml:4 services.a.user"],
  ])("refuses %s at its place", (_, text, expected) => {
    expect(problem([text])).toBe(expected);
  });

  it("names the deepest problem first, as the CLI does", () => {
    const text = service("foo: 1", "deploy: {resources: {limits: {cpus: 1}}}");
    expect(problem([text])).toBe(
      "wrong_type /stack/0.yml:5 services.a.deploy.resources.limits.cpus",
    );
  });

  it("finds the place of what was merged in", () => {
    const text = "x-a: &a\n  image: a\n  user: 1\nservices:\n  a:\n    <<: *a\n";
    expect(problem([text])).toBe("wrong_type /stack/0.yml:3 services.a.user");
  });
});

describe("variables", () => {
  it("become numbers and booleans where these belong, decimal always", () => {
    const text = service("tty: $YES", "secrets: [{source: s, mode: $MODE}]");
    const variables = { YES: "on", MODE: "0440" };
    expect(loaded([text], { variables })).toMatchObject({
      tty: true,
      secrets: [{ source: "s", mode: 440 }],
    });
  });

  it("are refused where they become none", () => {
    expect(problem([service("tty: $YES")], { variables: { YES: "1" } })).toBe(
      "bad_cast /stack/0.yml:4 services.a.tty",
    );
  });

  it("must be set or have a default unless all is done as the CLI does", () => {
    const text = service("user: x$UNSET");
    expect(loaded([text]).user).toBe("x");
    expect(problem([text], { asCli: false })).toBe("variable_unset /stack/0.yml:4 services.a.user");
  });
});

describe("the environment of a service", () => {
  const files = { "a.env": "# no\n  A=1 \nB\nC=\nD='x'\n", "b.env": "\uFEFFA=2\n" };

  it("takes its env files in order, then its own", () => {
    const text = service("env_file: [a.env, b.env]", "environment: [D=own, E]");
    expect(loaded([text], { files }).environment).toEqual({ A: "2", C: "", D: "own", E: null });
  });

  it("is refused with a file that is not there, or is none", () => {
    expect(problem([service("env_file: [x.env]")])).toBe(
      "missing_file /stack/0.yml:4 services.a.env_file[0]",
    );
    const bad = { files: { "x.env": "A B=1" } };
    expect(problem([service("env_file: x.env")], bad)).toBe(
      "bad_env_file /stack/0.yml:4 services.a.env_file",
    );
  });

  it("takes the variable of an empty value's name only as the CLI", () => {
    const text = service("environment: {A: '', B: }");
    const variables = { A: "host", B: "host" };
    expect(loaded([text], { variables }).environment).toEqual({ A: "host", B: "host" });
    const own = { variables, asCli: false };
    expect(loaded([text], own).environment).toEqual({ A: "", B: "host" });
    expect(notes([text], own)).toEqual(["host_value /stack/0.yml:4 services.a.environment.A"]);
  });
});

describe("several files", () => {
  it("must be of one version", () => {
    expect(problem([service(), `version: "3.8"\n${service()}`])).toBe(
      "version_mismatch /stack/1.yml:1 version",
    );
  });

  it("are merged, with what is false or empty only when not as the CLI", () => {
    const texts = [
      service("tty: true", "command: a", "dns: [x]"),
      service("tty: false", "command: ''", "dns: [y]"),
    ];
    expect(loaded(texts)).toMatchObject({ tty: true, command: ["a"], dns: ["x", "y"] });
    expect(loaded(texts, { asCli: false })).toMatchObject({ tty: false, command: [] });
    expect(notes(texts, { asCli: false })).toEqual([
      "false_overrides /stack/1.yml:5 services.a.command",
      "false_overrides /stack/1.yml:4 services.a.tty",
    ]);
  });

  it("keep two protocols on a port only when not as the CLI", () => {
    const texts = [service("ports: ['53:53/tcp', '53:53/udp']"), service("user: x")];
    const udp = { target: 53, published: 53, protocol: "udp", mode: "ingress" };
    expect(loaded(texts).ports).toEqual([udp]);
    expect(loaded(texts, { asCli: false }).ports).toEqual([{ ...udp, protocol: "tcp" }, udp]);
    expect(notes(texts, { asCli: false })).toEqual(["ports_merge /stack/1.yml:2 services.a.ports"]);
  });

  it("replace secrets of the same name whole, and only the last one's file is read", () => {
    const secrets = (file: string): string => `secrets: {s: {file: ${file}}}\n`;
    const texts = [`${service()}${secrets("gone")}`, secrets("there")];
    const result = load(texts, { files: { there: "x" } });
    expect(result).toMatchObject({
      ok: true,
      model: { secrets: { s: { data: Uint8Array.of(120) } } },
    });
    expect(problem(texts)).toBe("missing_file /stack/1.yml:1 secrets.s.file");
  });
});

describe("what Skep takes and the CLI does not", () => {
  it("is a volume with a name of one letter", () => {
    const text = service("volumes: ['v:/data']");
    expect(loaded([text]).mounts).toEqual([{ type: "volume", target: "v:/data" }]);
    const own = { asCli: false };
    expect(loaded([text], own).mounts).toEqual([{ type: "volume", source: "v", target: "/data" }]);
    expect(notes([text], own)).toEqual(["one_letter_volume /stack/0.yml:4 services.a.volumes[0]"]);
  });

  it("are the conditions of depends_on", () => {
    const text = service("depends_on: {b: {condition: service_healthy}}");
    expect(problem([text])).toBe("wrong_type /stack/0.yml:4 services.a.depends_on");
    const own = { asCli: false };
    expect(loaded([text], own).dependsOn).toEqual({
      b: { condition: "service_healthy", isRequired: true },
    });
    expect(notes([text], own)).toEqual([
      "depends_on_conditions /stack/0.yml:4 services.a.depends_on",
    ]);
  });

  it("is a message with a hyphen", () => {
    const text = service("user: ${U:?must-be-set}");
    expect(loaded([text]).user).toBe("be-set");
    const own = { asCli: false, variables: { U: "me" } };
    expect(loaded([text], own).user).toBe("me");
    expect(notes([text], own)).toEqual(["required_message /stack/0.yml:4 services.a.user"]);
  });
});
