import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig, type ConfigRequest } from "../../../src/policy/config/config.ts";
import { LEVELS } from "../../../src/policy/config/keys.ts";

const request: Omit<ConfigRequest, "policyText" | "contentText"> = {
  repositoryName: "shop",
  defaultBranch: "main",
  hasDockerfile: true,
};

function parse(text: string | null, change: Partial<ConfigRequest> = {}) {
  return parseConfig({ ...request, policyText: text, contentText: text, ...change });
}

function configOf(text: string | null, change: Partial<ConfigRequest> = {}) {
  const parsed = parse(text, change);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, null, 1));
  return parsed.config;
}

/** `<line> <title>: <message>` of each problem. */
function problemsOf(text: string | null, change: Partial<ConfigRequest> = {}): readonly string[] {
  const parsed = parse(text, change);
  if (parsed.ok) return [];
  return parsed.problems.map(({ line, title, message }) => `${line} ${title}: ${message}`);
}

function warningsOf(text: string, change: Partial<ConfigRequest> = {}): readonly string[] {
  const parsed = parse(text, change);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, null, 1));
  return parsed.warnings.map(({ line, message }) => `${line} ${message}`);
}

function inService(...lines: readonly string[]): string {
  return ["service:", "  image: img:1", ...lines.map((line) => `  ${line}`)].join("\n");
}

const production = {
  name: "production",
  branch: "main",
  tag: null,
  onRelease: false,
  stackName: "shop-production",
  url: null,
  variables: {},
  stack: null,
};

describe("a repository without a file", () => {
  it("is one app, built from its Dockerfile, deployed to production from the default branch", () => {
    expect(configOf(null)).toEqual({
      app: { name: "shop", path: ".", content: { kind: "dockerfile" } },
      environments: [production],
    });
  });

  it.each(["", "# only a comment", "---", "environments:", "environments: {}", "x-note: [1]"])(
    "is the same as with the file %j",
    (text) => {
      expect(configOf(text)).toEqual(configOf(null));
    },
  );

  it.each([
    ["My.Shop", "my-shop"],
    ["shop_api", "shop-api"],
    [".github", "github"],
    ["---", "app"],
    ["a".repeat(100), "a".repeat(25)],
    [`${"a".repeat(24)}-b`, "a".repeat(24)],
  ])("is named after the repository %s: %s", (repositoryName, name) => {
    expect(configOf(null, { repositoryName }).app.name).toBe(name);
  });

  it("has a name fit for a service, whatever the repository's", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (repositoryName) => {
        const { app, environments } = configOf(null, { repositoryName });
        expect(`${environments[0]?.stackName}_${app.name}`).toMatch(
          /^[a-z0-9]+(?:[-_][a-z0-9]+)*$/,
        );
        expect(`${environments[0]?.stackName}_${app.name}`.length).toBeLessThanOrEqual(63);
      }),
    );
  });

  it("says so when there is no Dockerfile either", () => {
    const message =
      "1 nothing to deploy: the repository has no Dockerfile at its top and no file that says what to run: add a Dockerfile, or a `stack` or `service` in .github/skep.yml.";
    expect(problemsOf(null, { hasDockerfile: false })).toEqual([message]);
    expect(problemsOf("path: api", { hasDockerfile: false })).toEqual([]);
    expect(problemsOf(inService(), { hasDockerfile: false })).toEqual([]);
    expect(problemsOf("stack: a.yml", { hasDockerfile: false })).toEqual([]);
    const own = "environments: {a: {stack: a.yml}, b: {stack: b.yml}}";
    expect(problemsOf(own, { hasDockerfile: false })).toEqual([]);
    expect(problemsOf(own.replace("b.yml}", "b.yml}, c: "), { hasDockerfile: false })).toEqual([
      message,
    ]);
  });
});

describe("the two forms", () => {
  const long = "apps:\n  shop:\n    path: api\n    service: {image: 'img:1'}";
  const short = "path: ./api/\nservice: {image: 'img:1'}";

  it("mean the same", () => {
    const app = { name: "shop", path: "api" };
    expect(configOf(long).app).toEqual({
      ...app,
      content: { kind: "service", place: ["apps", "shop", "service"] },
    });
    expect(configOf(short).app).toEqual({
      ...app,
      content: { kind: "service", place: ["service"] },
    });
    expect(configOf(short).environments).toEqual(configOf(long).environments);
  });

  it("take an app that says nothing", () => {
    expect(configOf("apps: {web: }").app).toEqual({
      name: "web",
      path: ".",
      content: { kind: "dockerfile" },
    });
  });

  it.each([
    ["apps: {}", "1 impossible combination: `apps` names no app: name one, or remove the key."],
    [
      "apps:\n  a: {}\n  b: {}",
      "3 not supported yet: several apps in a repository are not supported yet: keep one.",
    ],
    [
      "apps: {a: {}}\nservice: {image: 'x'}",
      "2 impossible combination: `service` belongs to the app when there is `apps`: move it under its name.",
    ],
    [
      "apps: {a: {}}\nstack: b.yml",
      "2 impossible combination: `stack` belongs to the app when there is `apps`: move it under its name.",
    ],
    [
      "apps: {a: {}}\npath: b",
      "2 impossible combination: `path` belongs to the app when there is `apps`: move it under its name.",
    ],
    [
      "apps: [a]",
      "1 impossible combination: `apps` maps the app's name to its keys: write `apps: { shop: { path: . } }`.",
    ],
    [
      "apps:\n  My App: {}",
      "2 invalid value: an app's name is made of lower-case letters, digits and single - or _: rename it, such as `my-app`.",
    ],
    ["apps:\n  a: 5", "2 invalid value: `apps.a` is the number 5: write a mapping (key: value)."],
    ["[]", "1 invalid value: `the file` is a list: write a mapping (key: value)."],
    ["shop", '1 invalid value: `the file` is "shop": write a mapping (key: value).'],
    [
      "service:",
      "1 invalid value: `service` is nothing: write the keys of one Compose service, such as { image: nginx:1.27 }.",
    ],
    [
      "apps:\n  a:\n    service: [x]",
      "3 invalid value: `apps.a.service` is a list: write the keys of one Compose service, such as { image: nginx:1.27 }.",
    ],
    [
      "stack: a.yml\nservice: {image: 'x'}",
      "2 impossible combination: an app has `stack` or `service`, not both: move the service into a stack file, or remove one.",
    ],
  ])("refuse %j", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });
});

describe("keys that do not work", () => {
  it.each([
    [
      "stak: a.yml",
      "1 unknown key: `stak` is not a key at the top of the file: did you mean `stack`?",
    ],
    [
      "environments:\n  a:\n    variabels: {}",
      "3 unknown key: `variabels` is not a key in environments.a: did you mean `variables`?",
    ],
    [
      "environments:\n  a:\n    service: {}",
      "3 unknown key: `service` is not a key in environments.a: remove it, or use one of `deploy_on`, `stack`, `variables`, `stack_name`, `url`.",
    ],
    [
      "apps:\n  a:\n    something: 1",
      "3 unknown key: `something` is not a key in apps.a: remove it, or use one of `path`, `stack`, `service`.",
    ],
  ])("an unknown one: %s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it.each(Object.entries(LEVELS).flatMap(([level, { later }]) => later.map((key) => [level, key])))(
    "one of %s that is not supported yet: %s",
    (level = "", key = "") => {
      const path = level.replace("apps.*", "apps.shop").replace("environments.*", "environments.x");
      const value = path
        .split(".")
        .reduceRight<unknown>((inner, part) => ({ [part]: inner }), { [key]: "x" });
      expect(problemsOf(JSON.stringify(value))).toContain(
        `1 not supported yet: \`${key}\` in ${path} is not supported yet: remove it.`,
      );
    },
  );

  it("tells all problems together, each at its line", () => {
    const text = [
      "path: ..",
      "stack: [a.yml, b.txt]",
      "service: {}",
      "environments:",
      "  staging:",
      "    aprovals: 1",
      "    url: staging",
      "    variables: {A: 1, B: }",
      "other: 1",
    ].join("\n");
    const shown = problemsOf(text).map((problem) => problem.replace(/:.*/s, ""));
    expect(shown).toEqual([
      "1 invalid value",
      "2 invalid value",
      "3 impossible combination",
      "6 unknown key",
      "7 invalid value",
      "8 invalid value",
      "9 unknown key",
    ]);
  });

  it("tells what is wrong with the service and with the policy together", () => {
    const text = "service:\n  image: x\n  port: []\nenvironments:\n  a: {url: x}";
    const shown = problemsOf(text).map((problem) => problem.replace(/:.*/s, ""));
    expect(shown).toEqual(["3 unknown key", "5 invalid value"]);
  });

  it("shows at most a hundred problems, and says so", () => {
    const text = Array.from({ length: 500 }, (_, index) => `k${index}: 1`).join("\n");
    const problems = problemsOf(text);
    expect(problems.length).toBe(101);
    expect(problems.at(-1)).toMatch(/more problems are not shown: mend these first\.$/);
  });
});

describe("impossible combinations", () => {
  it.each<[string, string, string]>([
    [
      "a service's name that is too long",
      `environments:\n  ${"e".repeat(60)}:`,
      `2 impossible combination: the service would be called shop-${"e".repeat(60)}_shop, longer than 63 characters: give a shorter \`stack_name\`.`,
    ],
    [
      "a stack's name that is too long",
      `environments:\n  a:\n    stack_name: ${"s".repeat(59)}`,
      `3 impossible combination: the service would be called ${"s".repeat(59)}_shop, longer than 63 characters: give a shorter \`stack_name\`.`,
    ],
    [
      "a stack's name that is too long for a stack of files",
      `stack: a.yml\nenvironments:\n  a:\n    stack_name: ${"s".repeat(64)}`,
      `4 invalid value: the name of a stack is made of lower-case letters, digits and single - or _: write one such as \`${"s".repeat(25)}\`.`,
    ],
    [
      "a stack's name that is too long together",
      `stack: a.yml\nenvironments:\n  ${"e".repeat(60)}:`,
      `3 impossible combination: the stack would be called shop-${"e".repeat(60)}, longer than 63 characters: give a shorter \`stack_name\`.`,
    ],
    [
      "one stack for two environments",
      "environments:\n  a: {stack_name: x}\n  b:\n    stack_name: x",
      "4 impossible combination: a has the stack x already: give another `stack_name`.",
    ],
  ])("%s", (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it("leave the names of services in stack files to these", () => {
    const stackName = "s".repeat(60);
    expect(problemsOf(`stack: a.yml\nenvironments: {a: {stack_name: ${stackName}}}`)).toEqual([]);
    const own = `environments: {a: {stack_name: ${stackName}, stack: a.yml}}`;
    expect(problemsOf(own)).toEqual([]);
  });
});

describe("paths", () => {
  it.each<[string, string]>([
    ["./api/", "api"],
    ["a/../b//c", "b/c"],
    ["'.'", "."],
  ])("are tidied: %s", (text, path) => {
    expect(configOf(`path: ${text}`).app.path).toBe(path);
  });

  it.each(["..", "a/../../b", "/etc"])("stay within the repository: %s", (path) => {
    expect(problemsOf(`path: ${path}`)).toEqual([
      `1 invalid value: \`path\` is "${path}": it leaves the repository: write a path within the repository, such as . or services/api.`,
    ]);
  });

  it.each(["https://x/y.git", ":(glob)x", "-x", "~/x", "a\\b", "a\tb", "", "a".repeat(1001)])(
    "are those of folders: %j",
    (path) => {
      expect(problemsOf(JSON.stringify({ path }))[0]).toMatch(/: write a path within the repos/);
    },
  );

  it.each<[string, readonly string[]]>([
    ["stack.yml", ["stack.yml"]],
    ["./deploy//stack.yaml", ["deploy/stack.yaml"]],
    ["[b.yml, a/../a.yml]", ["b.yml", "a.yml"]],
    ["[deploy/stack.yml]", ["deploy/stack.yml"]],
  ])("of stack files: %s", (text, paths) => {
    const content = { kind: "stack", paths };
    expect(configOf(`stack: ${text}`).app.content).toEqual(content);
    expect(configOf(`path: api\nstack: ${text}`).app.content).toEqual(content);
    expect(configOf(`apps: {shop: {stack: ${text}}}`).app.content).toEqual(content);
    const { environments } = configOf(`environments: {a: {stack: ${text}}}`);
    expect(environments[0]?.stack).toEqual(paths);
  });

  const advice = "write the path of a Compose file (.yml or .yaml), such as deploy/stack.yml.";
  it.each<[string, string]>([
    ["", `\`stack\` is nothing: ${advice}`],
    ["5", `\`stack\` is the number 5: ${advice}`],
    ["{a.yml: }", `\`stack\` is a mapping: ${advice}`],
    ["stack.json", `\`stack\` is "stack.json": ${advice}`],
    ["deploy/.yml", `\`stack\` is "deploy/.yml": ${advice}`],
    ["../stack.yml", `\`stack\` is "../stack.yml": it leaves the repository: ${advice}`],
    ["[a.yml, /b.yml]", `\`stack[1]\` is "/b.yml": it leaves the repository: ${advice}`],
    ["[a.yml, 5]", `\`stack[1]\` is the number 5: ${advice}`],
    ["[a.yml, ./a.yml]", '`stack[1]` is "./a.yml": this file stands here already, name it once.'],
    ["[]", "`stack` is a list: write at least one file, such as stack.yml."],
    [`[${"a.yml, ".repeat(21)}]`, "`stack` is a list: write at most 20 files."],
  ])("of stack files, refused: %s", (text, message) => {
    expect(problemsOf(`stack: ${text}`)).toEqual([`1 invalid value: ${message}`]);
    expect(problemsOf(`environments:\n  a:\n    stack: ${text}`)).toEqual([
      `3 invalid value: ${message.replace("`stack", "`environments.a.stack")}`,
    ]);
  });

  it("never lead out of the repository", () => {
    const part = fc.constantFrom("..", ".", "a", "b", "", "...", "c.yml");
    const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(path, path, (folder, file) => {
        const stack = `${file}.yml`;
        const parsed = parse(JSON.stringify({ path: folder, stack }));
        if (!parsed.ok) return;
        const { app } = parsed.config;
        const paths = app.content.kind === "stack" ? app.content.paths : [];
        expect(paths).toHaveLength(1);
        for (const found of [app.path, ...paths]) {
          expect(found).not.toMatch(/^\/|\/$|\/\/|(?:^|\/)\.\.(?:\/|$)/);
        }
      }),
    );
  });
});

describe("variables", () => {
  it("are texts, however they are written", () => {
    const text =
      "environments: {a: {variables: {A: x, _b1: 1.10, C: 0123, D: true, E: '', F: 2020-01-01, G: $x}}, b: }";
    const [one, other] = configOf(text).environments;
    expect(one?.variables).toEqual({
      A: "x",
      _b1: "1.10",
      C: "0123",
      D: "true",
      E: "",
      F: "2020-01-01",
      G: "$x",
    });
    expect(other?.variables).toEqual({});
  });

  it.each<[string, string]>([
    [
      "[A=1]",
      "`environments.a.variables` is a list: write a mapping of names to values, such as { LOG_LEVEL: debug }.",
    ],
    [
      "{A: }",
      '`environments.a.variables.A` has no value: write one after it, or "" for an empty one.',
    ],
    ["{A: [x]}", "`environments.a.variables.A` is a list: write a text, a number, true or false."],
    [
      "{1A: x}",
      "`environments.a.variables.1A` is no name of a variable: write letters, digits and _, beginning with no digit.",
    ],
    [
      "{'A B': x}",
      "`environments.a.variables.A B` is no name of a variable: write letters, digits and _, beginning with no digit.",
    ],
    [
      "{SKEP_COMMIT: x}",
      "`environments.a.variables.SKEP_COMMIT` begins with SKEP_, as Skep's own variables do: rename it.",
    ],
    ['{A: "\\0"}', '`environments.a.variables.A` is "": write a text, a number, true or false.'],
  ])("are refused: %s", (text, message) => {
    expect(problemsOf(`environments:\n  a:\n    variables: ${text}`)).toEqual([
      `3 invalid value: ${message}`,
    ]);
  });

  it("and own stack files are policy: those of the commit do not count", () => {
    const policyText = "environments: {a: {variables: {A: '1'}, stack: a.yml}}";
    const contentText = "stack: b.yml\nenvironments: {a: {variables: {A: '2'}, stack: c.yml}}";
    const { app, environments } = configOf(null, { policyText, contentText });
    expect(app.content).toEqual({ kind: "stack", paths: ["b.yml"] });
    expect(environments).toMatchObject([{ variables: { A: "1" }, stack: ["a.yml"] }]);
  });
});

describe("environments", () => {
  it("are read with their defaults", () => {
    const text = [
      "environments:",
      "  staging:",
      "  production:",
      "    deploy_on: {push: release/v1}",
      "    stack_name: shop",
      "    url: https://shop.example.com/a?b=c",
      "  preview: {deploy_on: {}}",
      "  canary: {deploy_on: {tag: 'v*-rc.[0-9]', release: published}}",
      "  both: {deploy_on: {push: main, tag: latest}}",
    ].join("\n");
    expect(configOf(text).environments).toEqual([
      { ...production, name: "staging", stackName: "shop-staging" },
      {
        ...production,
        branch: "release/v1",
        stackName: "shop",
        url: "https://shop.example.com/a?b=c",
      },
      { ...production, name: "preview", branch: null, stackName: "shop-preview" },
      {
        ...production,
        name: "canary",
        branch: null,
        tag: "v*-rc.[0-9]",
        onRelease: true,
        stackName: "shop-canary",
      },
      { ...production, name: "both", tag: "latest", stackName: "shop-both" },
    ]);
  });

  it.each<[string, string]>([
    [
      "a: {url: shop.example.com}",
      '`environments.a.url` is "shop.example.com": write an address such as https://shop.example.com.',
    ],
    [
      "a: {url: 'javascript:alert(1)'}",
      '`environments.a.url` is "javascript:alert(1)": write an address such as https://shop.example.com.',
    ],
    [
      "a: {url: 'https://u:p@x'}",
      '`environments.a.url` is "https://u:p@x": everyone who sees the deployment sees this: leave the login out.',
    ],
    [
      "a: {deploy_on: {push: 'v*'}}",
      '`environments.a.deploy_on.push` is "v*": patterns are not supported yet: write the name of one branch.',
    ],
    [
      "a: {deploy_on: {push: refs/heads/x}}",
      '`environments.a.deploy_on.push` is "refs/heads/x": write the branch without refs/heads/.',
    ],
    [
      "a: {deploy_on: {push: [x]}}",
      "`environments.a.deploy_on.push` is a list: write the name of one branch, such as main.",
    ],
    [
      "a: {deploy_on: {push: a..b}}",
      '`environments.a.deploy_on.push` is "a..b": write the name of one branch, such as main.',
    ],
    [
      "a: {deploy_on: {push: '-x'}}",
      '`environments.a.deploy_on.push` is "-x": write the name of one branch, such as main.',
    ],
    [
      "a: {deploy_on: {tag: 1.0}}",
      '`environments.a.deploy_on.tag` is the number 1: write a pattern of tags in quotes, such as "v*".',
    ],
    [
      "a: {deploy_on: {tag: ['v*']}}",
      '`environments.a.deploy_on.tag` is a list: write a pattern of tags in quotes, such as "v*".',
    ],
    [
      "a: {deploy_on: {tag: 'a b'}}",
      '`environments.a.deploy_on.tag` is "a b": write a pattern of tags in quotes, such as "v*".',
    ],
    [
      "a: {deploy_on: {tag: '--x'}}",
      '`environments.a.deploy_on.tag` is "--x": write a pattern of tags in quotes, such as "v*".',
    ],
    [
      "a: {deploy_on: {tag: 'v[0-9'}}",
      '`environments.a.deploy_on.tag` is "v[0-9": end its [ with a ], such as "v[0-9]*".',
    ],
    [
      "a: {deploy_on: {tag: 'v**'}}",
      '`environments.a.deploy_on.tag` is "v**": write * once: it stands for all but /.',
    ],
    [
      "a: {deploy_on: {tag: 'refs/tags/v*'}}",
      '`environments.a.deploy_on.tag` is "refs/tags/v*": write the tag without refs/tags/.',
    ],
    [
      "a: {deploy_on: {release: created}}",
      '`environments.a.deploy_on.release` is "created": write published.',
    ],
    [
      "a: {deploy_on: {release: true}}",
      "`environments.a.deploy_on.release` is the boolean true: write published.",
    ],
    ["a: {deploy_on: main}", '`environments.a.deploy_on` is "main": write a mapping (key: value).'],
    [
      "Big: {}",
      "an environment's name is made of lower-case letters, digits and single - or _: rename it, such as `big`.",
    ],
    [
      "at: {}",
      "`at` is a word of the commands (/deploy staging at v1.9.0): give the environment another name.",
    ],
    [
      "a: {stack_name: A.b}",
      "the name of a stack is made of lower-case letters, digits and single - or _: write one such as `a-b`.",
    ],
  ])("refuse %s", (line, message) => {
    expect(problemsOf(`environments:\n  ${line}`)).toEqual([`2 invalid value: ${message}`]);
  });
});

describe("policy and content", () => {
  const policyText = "service: {image: 'old'}\nenvironments: {staging: }";

  it("come from the default branch and from the commit", () => {
    const contentText = "service: {image: 'new'}\nenvironments: {other: }";
    const { app, environments } = configOf(null, { policyText, contentText });
    expect(app.content).toEqual({ kind: "service", place: ["service"] });
    expect(environments.map(({ name }) => name)).toEqual(["staging"]);
  });

  it("do without a file on either side", () => {
    expect(configOf(null, { policyText }).app.content).toEqual({ kind: "dockerfile" });
    expect(configOf(null, { policyText }).environments[0]?.name).toBe("staging");
    const contentText = policyText;
    expect(configOf(null, { contentText }).environments).toEqual([production]);
  });

  it("ignore what is wrong with the other's part", () => {
    const broken = "service: {imag: 1}\nenvironments: {staging: }";
    const { app } = configOf(null, { policyText: broken, contentText: policyText });
    expect(app.content.kind).toBe("service");
  });

  it("say where a problem of the policy stands", () => {
    const broken = "a: 1\nenvironments: {staging: {x: 1}}";
    expect(problemsOf(null, { policyText: broken, contentText: policyText })).toEqual([
      expect.stringMatching(/^1 unknown key: on the default branch: `a` is not a key/),
      expect.stringMatching(/^2 unknown key: on the default branch: `x` is not a key/),
    ]);
    expect(problemsOf(null, { policyText: "a: [", contentText: policyText })[0]).toMatch(
      /^1 not valid YAML: on the default branch: /,
    );
  });

  it("warn of policy in the commit that will not work", () => {
    const contentText = "service: {image: x}\nenvironments:\n  staging: {aprovals: 1}";
    expect(warningsOf("", { policyText, contentText })).toEqual([
      "3 once this is on the default branch: `aprovals` is not a key in environments.staging: did you mean `approvals`?",
    ]);
  });
});

/** Some of the keys of a service, so that what is generated is one now and then. */
const COMPOSE =
  "image build context dockerfile args command environment env_file ports target published mode networks aliases volumes labels deploy replicas update_config order monitor healthcheck test interval configs secrets depends_on".split(
    " ",
  );

describe("parseConfig, for any text", () => {
  const key = fc.constantFrom(
    ...Object.values(LEVELS).flatMap(({ keys }) => keys),
    ...COMPOSE,
    "x",
    "x-y",
    "constructor",
    "toString",
  );
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom("10s", "64M", "0.5", "8080:80", "a=b", "$x", "img:1", "../..", "start-first"),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 6, noNullPrototype: true }),
    ),
  }));
  const file = fc.dictionary(key, tree, { maxKeys: 5, noNullPrototype: true });

  const service = fc.dictionary(fc.constantFrom(...COMPOSE), tree, {
    maxKeys: 4,
    noNullPrototype: true,
  });

  it("never throws, names a line for each problem and says what to do", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          file.map((value) => JSON.stringify(value)),
          service.map((value) => JSON.stringify({ service: { image: "img", ...value } })),
        ),
        (text) => {
          const parsed = parse(text);
          const annotations = parsed.ok ? parsed.warnings : parsed.problems;
          if (!parsed.ok) expect(annotations.length).toBeGreaterThan(0);
          for (const { path, line, message, title } of annotations) {
            expect(path).toBe(".github/skep.yml");
            expect(line).toBeGreaterThanOrEqual(1);
            expect(title).not.toBe("");
            expect(message.replaceAll(/`[^`]*`/g, "x")).toMatch(/: .+[.?!…]$/);
            expect(message).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("stays quick with aliases that blow up small texts", () => {
    const keys = Array.from({ length: 1500 }, (_, index) => `k${index}: 1`).join(", ");
    const uses = Array.from({ length: 99 }, (_, index) => `  e${index}: *a`).join("\n");
    const start = performance.now();
    expect(parse(`x-a: &a {${keys}}\nenvironments:\n${uses}`).ok).toBe(false);
    expect(parse(`x-a: &a {${keys}}\nservice:\n${uses}`).ok).toBe(false);
    const inside = uses.replaceAll("  e", "    e");
    expect(parse(`x-a: &a {${keys}}\nservice:\n  image: x\n  x-b:\n${inside}`).ok).toBe(false);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
