import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig, type ConfigRequest } from "../../../src/policy/config/config.ts";
import { LEVELS } from "../../../src/policy/config/keys.ts";
import type { ServiceDefinition } from "../../../src/release.ts";
import { aDefinition, aDeploy, aHealthcheck } from "../../support/swarm-builders.ts";

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

/** The definition of a service that has `image: img:1` and these further lines. */
function serviceOf(...lines: readonly string[]): ServiceDefinition {
  return configOf(inService(...lines)).app.service;
}

function inService(...lines: readonly string[]): string {
  return ["service:", "  image: img:1", ...lines.map((line) => `  ${line}`)].join("\n");
}

const fromDockerfile = aDefinition({
  image: null,
  build: { context: ".", dockerfile: "Dockerfile", args: {}, target: null },
});
const production = {
  name: "production",
  branch: "main",
  tag: null,
  onRelease: false,
  stackName: "shop-production",
  url: null,
};

describe("a repository without a file", () => {
  it("is one app, built from its Dockerfile, deployed to production from the default branch", () => {
    expect(configOf(null)).toEqual({
      app: { name: "shop", path: ".", service: fromDockerfile },
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
      "1 nothing to deploy: the repository has no Dockerfile at its top and no file that says what to run: add a Dockerfile, or a `service` in .github/skep.yml.";
    expect(problemsOf(null, { hasDockerfile: false })).toEqual([message]);
    expect(problemsOf("path: api", { hasDockerfile: false })).toEqual([]);
    expect(problemsOf(inService(), { hasDockerfile: false })).toEqual([]);
  });
});

describe("the two forms", () => {
  const long = "apps:\n  shop:\n    path: api\n    service: {image: 'img:1'}";
  const short = "path: ./api/\nservice: {image: 'img:1'}";

  it("mean the same", () => {
    expect(configOf(short)).toEqual(configOf(long));
    expect(configOf(long).app).toEqual({ name: "shop", path: "api", service: aDefinition() });
  });

  it("take an app that says nothing", () => {
    expect(configOf("apps: {web: }").app).toEqual({
      name: "web",
      path: ".",
      service: fromDockerfile,
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
    ["service:", "1 invalid value: `service` is nothing: write a mapping (key: value)."],
  ])("refuse %j", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });
});

describe("a service", () => {
  it.each<[string, string[], Partial<ServiceDefinition>]>([
    ["a command as text", ["command: npm run 'a b'"], { command: ["npm", "run", "a b"] }],
    ["a command as list", ["command: [npm, start]"], { command: ["npm", "start"] }],
    ["an entrypoint", ["entrypoint: /run --x"], { entrypoint: ["/run", "--x"] }],
    [
      "variables as a map",
      ["environment: {A: 1, B: x, C: 0123, D: '', E: yes}"],
      { environment: { A: "1", B: "x", C: "83", D: "", E: "yes" } },
    ],
    [
      "variables as a list",
      ["environment: [A=1, B=x=y, C=, A=2]"],
      { environment: { A: "2", B: "x=y", C: "" } },
    ],
    ["a dollar sign", ["environment: {A: $$x, B: $$$$}"], { environment: { A: "$x", B: "$$" } }],
    ["labels", ["labels: {a: , b: 1.50, c: x}"], { labels: { a: "", b: "1.5", c: "x" } }],
    ["labels as a list", ["labels: [a=b, c]"], { labels: { a: "b", c: "" } }],
    ["networks", ["networks: [b, a]"], { networks: ["b", "a"] }],
    ["networks as a map", ["networks: {b: , a: }"], { networks: ["b", "a"] }],
    ["a grace period", ["stop_grace_period: 1m30s"], { stopGracePeriodMs: 90_000 }],
    [
      "user, folder and init",
      ["user: '1000:1000'", "working_dir: /app", "init: false"],
      { user: "1000:1000", workingDir: "/app", init: false },
    ],
    [
      "a health check as text",
      ["healthcheck: {test: curl x, interval: 5s, timeout: 1s, retries: 2, start_period: 0s}"],
      {
        healthcheck: aHealthcheck({
          test: ["CMD-SHELL", "curl x"],
          intervalMs: 5000,
          timeoutMs: 1000,
          retries: 2,
          startPeriodMs: 0,
        }),
      },
    ],
    [
      "a health check as list",
      ["healthcheck: {test: [CMD, a, b]}"],
      { healthcheck: aHealthcheck({ test: ["CMD", "a", "b"] }) },
    ],
    [
      "a disabled health check",
      ["healthcheck: {disable: true}"],
      { healthcheck: aHealthcheck({ test: ["NONE"] }) },
    ],
    ["an empty health check", ["healthcheck: {}"], { healthcheck: aHealthcheck({ test: [] }) }],
    ["an extension", ["x-note: {a: $b}"], {}],
    ["an empty deploy", ["deploy:"], {}],
    [
      "deploy",
      [
        "deploy:",
        "  replicas: 3",
        "  labels: {a: b}",
        "  placement: {constraints: [node.role==worker, 'node.labels.x != y']}",
        "  resources: {limits: {cpus: '0.5', memory: 64M}, reservations: {cpus: '1/4'}}",
        "  update_config: {parallelism: 2, delay: 1s, monitor: 10s, max_failure_ratio: 0.25, order: stop-first, failure_action: pause}",
        "  restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 2m}",
      ],
      {
        deploy: aDeploy({
          replicas: 3,
          labels: { a: "b" },
          placement: { constraints: ["node.role==worker", "node.labels.x != y"] },
          resources: {
            limits: { nanoCpus: 500_000_000, memoryBytes: 64 * 1024 * 1024 },
            reservations: { nanoCpus: 250_000_000, memoryBytes: null },
          },
          updateConfig: {
            parallelism: 2,
            delayMs: 1000,
            monitorMs: 10_000,
            maxFailureRatio: 0.25,
            order: "stop-first",
            failureAction: "pause",
          },
          restartPolicy: {
            condition: "on-failure",
            delayMs: 5000,
            maxAttempts: 3,
            windowMs: 120_000,
          },
        }),
      },
    ],
    [
      "a restart policy that says nothing",
      ["deploy: {restart_policy: {}}"],
      {
        deploy: aDeploy({
          restartPolicy: { condition: "any", delayMs: null, maxAttempts: null, windowMs: null },
        }),
      },
    ],
  ])("reads %s", (_, lines, expected) => {
    const definition = serviceOf(...lines);
    expect(definition).toEqual(aDefinition(expected));
  });

  it.each<[string, ServiceDefinition["build"]]>([
    ["build: .", { context: ".", dockerfile: "Dockerfile", args: {}, target: null }],
    ["build: ./web/", { context: "web", dockerfile: "Dockerfile", args: {}, target: null }],
    ["build: {}", { context: ".", dockerfile: "Dockerfile", args: {}, target: null }],
    [
      "build: {context: web, dockerfile: ./docker/Dockerfile, args: {A: 1, B: x}, target: prod}",
      { context: "web", dockerfile: "docker/Dockerfile", args: { A: "1", B: "x" }, target: "prod" },
    ],
    [
      "build: {args: [A=1]}",
      { context: ".", dockerfile: "Dockerfile", args: { A: "1" }, target: null },
    ],
  ])("reads %s", (line, build) => {
    expect(configOf(`service:\n  ${line}`).app.service).toEqual(
      aDefinition({ image: null, build }),
    );
  });

  it.each<[string, readonly [number | null, number, string?, string?][]]>([
    ["80", [[null, 80]]],
    ["'80'", [[null, 80]]],
    ["8080:80", [[8080, 80]]],
    ["'53:53/udp'", [[53, 53, "udp"]]],
    ["53:53/UDP", [[53, 53, "udp"]]],
    [
      "'8000-8001:80-81'",
      [
        [8000, 80],
        [8001, 81],
      ],
    ],
    [
      "'8000-8001:80'",
      [
        [8000, 80],
        [8001, 80],
      ],
    ],
    [
      "'80-81'",
      [
        [null, 80],
        [null, 81],
      ],
    ],
    ["{target: 80}", [[null, 80]]],
    ["{target: 80, published: 0}", [[null, 80]]],
    ["{target: 80, published: 8080, protocol: udp, mode: host}", [[8080, 80, "udp", "host"]]],
  ])("reads the port %s", (text, expected) => {
    const ports = expected.map(([published, target, protocol = "tcp", mode = "ingress"]) => ({
      published,
      target,
      protocol,
      mode,
    }));
    expect(serviceOf(`ports: [${text}]`).ports).toEqual(ports);
  });

  it("merges anchors, also from an extension at the top", () => {
    const text =
      "x-common: &c\n  image: img:1\n  environment: &e {A: '1', B: '2'}\nservice:\n  <<: *c\n  environment:\n    <<: *e\n    B: '3'";
    expect(configOf(text).app.service).toEqual(aDefinition({ environment: { A: "1", B: "3" } }));
  });
});

describe("a service's mistakes", () => {
  it.each<[string, string]>([
    [
      "command:",
      '`service.command` is nothing: write a list such as [npm, start] or one text, "npm start".',
    ],
    [
      "command: [sleep, 10]",
      "`service.command[1]` is the number 10: write it as a text, in quotes.",
    ],
    ["command: it's", '`service.command` is "it\'s": end the quote or escape in it.'],
    ["user: 1000", "`service.user` is the number 1000: write it in quotes."],
    ["init: yes", '`service.init` is "yes": write true or false.'],
    [
      "environment: 5",
      "`service.environment` is the number 5: write a mapping of names to values, or a list of NAME=value.",
    ],
    [
      "environment: {A: true}",
      '`service.environment.A` is the boolean true: write it in quotes, "true".',
    ],
    [
      "environment: {A: }",
      "`service.environment.A` has no value: write one after it (Skep passes on nothing of its own environment).",
    ],
    [
      "environment: [A]",
      "`service.environment[0]` has no value: write one after it (Skep passes on nothing of its own environment).",
    ],
    ["environment: {A: [1]}", "`service.environment.A` is a list: write a text or a number."],
    [
      "environment: {A: .inf}",
      "`service.environment.A` is the number .inf: write a text or a number.",
    ],
    [
      "environment: {'A B': x}",
      "`service.environment.A B` is no usable name: write one without blanks and =.",
    ],
    [
      "environment: [=x]",
      "`service.environment[0]` is no usable name: write one without blanks and =.",
    ],
    ["labels: [5]", "`service.labels[0]` is the number 5: write it as a text, in quotes."],
    [
      "networks: {a: {aliases: [b]}}",
      "`service.networks.a` has options, which are not supported yet: name the network only.",
    ],
    [
      "networks: [a/b]",
      "`service.networks` is a list: write a list of the names of networks of the Swarm.",
    ],
    [
      "stop_grace_period: 10",
      "`service.stop_grace_period` is the number 10: write a duration such as 10s, 500ms or 1m30s, in quotes or with its unit.",
    ],
    [
      "stop_grace_period: 1d",
      '`service.stop_grace_period` is "1d": write a duration such as 10s, 500ms or 1m30s.',
    ],
    ["ports: 80", '`service.ports` is the number 80: write a list such as ["8080:80"].'],
    [
      "ports: ['127.0.0.1:80:80']",
      "`service.ports[0]` names an address, but Swarm publishes on all of a node: remove the address.",
    ],
    [
      "ports: ['[::1]:80:80']",
      "`service.ports[0]` names an address, but Swarm publishes on all of a node: remove the address.",
    ],
    [
      "ports: ['99999:80']",
      "`service.ports[0]` is out of range: write ports from 1 to 65535, and ranges of at most 100.",
    ],
    [
      "ports: ['1-65535:80']",
      "`service.ports[0]` is out of range: write ports from 1 to 65535, and ranges of at most 100.",
    ],
    ["ports: ['8000-8001:80-82']", "`service.ports[0]` has two ranges: make both equally long."],
    ["ports: ['80/icmp']", "`service.ports[0]` is for an unknown protocol: write tcp or udp."],
    [
      "ports: [x]",
      '`service.ports[0]` is no port: write it as "8080:80", "80" or "8000-8010:8000-8010/udp".',
    ],
    [
      "ports: [[80]]",
      '`service.ports[0]` is no port: write it as "8080:80", "80" or "8000-8010:8000-8010/udp".',
    ],
    [
      "ports: [{published: 80}]",
      "`service.ports[0]` does not say which port of the container: add target.",
    ],
    [
      "ports: [{target: '80'}]",
      '`service.ports[0].target` is "80": write a whole number from 1 to 65535, without quotes.',
    ],
    [
      "ports: [{target: 80, mode: overlay}]",
      '`service.ports[0].mode` is "overlay": write ingress or host.',
    ],
    [
      "healthcheck: {test: [curl]}",
      "`service.healthcheck.test` is a list: write a list that begins with CMD, CMD-SHELL or NONE, or one text.",
    ],
    [
      "healthcheck: {test: x, retries: '3'}",
      '`service.healthcheck.retries` is "3": write a whole number from 0 to 1000, without quotes.',
    ],
    [
      "deploy: {replicas: -1}",
      "`service.deploy.replicas` is the number -1: write a whole number from 0 to 1000, without quotes.",
    ],
    [
      "deploy: {replicas: 2.5}",
      "`service.deploy.replicas` is the number 2.5: write a whole number from 0 to 1000, without quotes.",
    ],
    ["deploy: [x]", "`service.deploy` is a list: write a mapping (key: value)."],
    [
      "deploy: {placement: {constraints: [node.role]}}",
      "`service.deploy.placement.constraints[0]` is no constraint: write it as <key>==<value> or <key>!=<value>, such as node.role==worker.",
    ],
    [
      "deploy: {placement: {constraints: [node.hostnam==x]}}",
      "`service.deploy.placement.constraints[0]` asks for something that no node has: write node.hostname.",
    ],
    [
      "deploy: {placement: {constraints: [foo.bar==x]}}",
      "`service.deploy.placement.constraints[0]` asks for something that no node has: write node.labels.<name>, node.role or node.hostname.",
    ],
    [
      "deploy: {placement: {constraints: [node.role==boss]}}",
      "`service.deploy.placement.constraints[0]` names a role that no node has: write manager or worker.",
    ],
    [
      "deploy: {resources: {limits: {cpus: 0.5}}}",
      '`service.deploy.resources.limits.cpus` is the number 0.5: write a number of CPUs such as "0.5", in quotes or with its unit.',
    ],
    [
      "deploy: {resources: {limits: {memory: 1k}}}",
      '`service.deploy.resources.limits.memory` is "1k": write at least 4M.',
    ],
    [
      "deploy: {update_config: {max_failure_ratio: 2}}",
      "`service.deploy.update_config.max_failure_ratio` is the number 2: write a number from 0 to 1, without quotes.",
    ],
    [
      "deploy: {restart_policy: {condition: always}}",
      '`service.deploy.restart_policy.condition` is "always": write none or on-failure or any.',
    ],
    ["user: ''", '`service.user` is an empty text: write a text such as "1000".'],
    ["working_dir: 2020-01-01", "`service.working_dir` is a date: write it in quotes."],
    ['working_dir: "a\\0b"', '`service.working_dir` is "a b": write a text such as /app.'],
  ])("%s", (line, message) => {
    expect(problemsOf(inService(line))).toEqual([`3 invalid value: ${message}`]);
  });

  it.each([
    "UPPER/case",
    "a b",
    "nginx:",
    "-x",
    "nginx@sha256:abc",
    "a//b",
    "http://x/y",
    "a".repeat(600),
  ])("the image %j", (image) => {
    expect(problemsOf(`service:\n  image: ${JSON.stringify(image)}`)[0]).toMatch(
      /^2 invalid value: .*write an image reference such as nginx:1\.27 or registry\.example\.com\/acme\/shop:v1\.$/,
    );
  });

  it.each([
    "nginx",
    "nginx:1.27-alpine",
    "registry.example.com/acme/shop__x/y.z:v1",
    "localhost:5000/a",
    "Registry.Example.COM/a",
    `a@sha256:${"0".repeat(64)}`,
  ])("but not the image %s", (image) => {
    expect(problemsOf(`service: {image: "${image}"}`)).toEqual([]);
  });

  it("an image by its ID", () => {
    expect(problemsOf(`service: {image: ${"a".repeat(64)}}`)[0]).toMatch(
      /write its name and tag\.$/,
    );
  });

  it.each(["${TAG}", "a$b", "$", "${A:-b}", "$$$", "x$5"])("the variable %s", (text) => {
    expect(problemsOf(inService(`labels: {a: '${text}'}`))).toEqual([
      "3 not supported yet: service.labels.a uses a variable, which is not supported yet: write $$ for a dollar sign.",
    ]);
  });
});

describe("keys that do not work", () => {
  it.each([
    ["enviroment", "did you mean `environment`?"],
    ["stopGracePeriod", "did you mean `stop_grace_period`?"],
    ["imgae", "did you mean `image`?"],
    ["volums", "did you mean `volumes`?"],
    [
      "something",
      "remove it, or use one of `image`, `build`, `command`, `entrypoint`, `environment`, `ports`, `networks`, `healthcheck`, `labels`, `stop_grace_period`, `user`, `working_dir`, `init`, `deploy`.",
    ],
  ])("an unknown one: %s", (key, advice) => {
    expect(problemsOf(inService(`${key}: 1`))).toEqual([
      `3 unknown key: \`${key}\` is not a key in service: ${advice}`,
    ]);
  });

  it.each(Object.entries(LEVELS).flatMap(([level, { later }]) => later.map((key) => [level, key])))(
    "one of %s that is not supported yet: %s",
    (level = "", key = "") => {
      const path = level.replace("apps.*", "apps.shop").replace("environments.*", "environments.x");
      const isList = path.endsWith(".*");
      const parts = path.replace(/\.\*$/, "").split(".");
      const base: Record<string, unknown> = { [key]: "x" };
      const value = parts.reduceRight<unknown>(
        (inner, part) => ({ [part]: inner }),
        isList ? [{ target: 80, ...base }] : base,
      );
      const messages = problemsOf(JSON.stringify(value));
      expect(messages).toContain(
        `1 not supported yet: \`${key}\` in ${path.replace(".*", "[0]")} is not supported yet: remove it.`,
      );
    },
  );

  it("x- inside of deploy, as in Docker", () => {
    expect(problemsOf(inService("deploy: {x-foo: bar}"))[0]).toMatch(/^3 unknown key/);
  });

  it("tells all problems together, each at its line", () => {
    const text = [
      "service:",
      "  build: .",
      "  image: img:1",
      "  volumes: [x]",
      "  deploy:",
      "    replicas: two",
      "    update_config:",
      "      order: start-first",
      "  ports:",
      "    - {target: 80, published: 80, mode: host}",
      "environments:",
      "  staging:",
      "    aprovals: 1",
      "    url: staging",
      "other: 1",
    ].join("\n");
    const shown = problemsOf(text).map((problem) => problem.replace(/:.*/s, ""));
    expect(shown).toEqual([
      "3 impossible combination",
      "4 not supported yet",
      "6 invalid value",
      "8 impossible combination",
      "13 unknown key",
      "14 invalid value",
      "15 unknown key",
    ]);
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
      "image and build",
      "service:\n  build: .\n  image: x",
      "3 impossible combination: a service has `image` or `build`, not both (Skep names what it builds): remove one.",
    ],
    [
      "neither image nor build",
      "service:\n  init: true",
      "1 impossible combination: nothing says what to run: add `build: .` or `image: <name>:<tag>`.",
    ],
    [
      "a port published twice",
      inService("ports: ['80:80', '80:81']"),
      "3 impossible combination: port 80/tcp is published twice: publish it once.",
    ],
    [
      "start-first with a host port",
      inService(
        "ports: [{target: 80, published: 80, mode: host}]",
        "deploy: {update_config: {order: start-first}}",
      ),
      "4 impossible combination: with start-first the new task waits for the host port that the old one holds: use stop-first, or publish the port with mode ingress.",
    ],
    [
      "a disabled health check with a test",
      inService("healthcheck: {disable: true, test: x}"),
      "3 impossible combination: a health check that is disabled has no `test`: remove `disable` or `test`.",
    ],
    [
      "a monitor of more than an hour",
      inService("deploy: {update_config: {monitor: 61m}}"),
      "3 impossible combination: no deployment may take longer than an hour to prove itself: write at most 1h.",
    ],
    [
      "a label of Skep's own",
      inService("labels: {skep.deployment: x}"),
      "3 impossible combination: labels that begin with skep. are Skep's own: rename `skep.deployment`.",
    ],
    [
      "a label of Skep's own in a list",
      inService("deploy: {labels: [skep.owner=x]}"),
      "3 impossible combination: labels that begin with skep. are Skep's own: rename `skep.owner`.",
    ],
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
      "one stack for two environments",
      "environments:\n  a: {stack_name: x}\n  b:\n    stack_name: x",
      "4 impossible combination: a has the stack x already: give another `stack_name`.",
    ],
  ])("%s", (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it("allow one port for both protocols, and a host port with stop-first", () => {
    expect(problemsOf(inService("ports: ['53:53/udp', '53:53/tcp']"))).toEqual([]);
    const host = "ports: [{target: 80, published: 80, mode: host}]";
    expect(problemsOf(inService(host))).toEqual([]);
    expect(problemsOf(inService(host, "deploy: {update_config: {order: stop-first}}"))).toEqual([]);
  });
});

describe("paths", () => {
  it.each<[string, string, number]>([
    ["path: ..", "`path` leaves the repository", 1],
    ["path: a/../../b", "`path` leaves the repository", 1],
    ["path: /etc", "`path` leaves the repository", 1],
    ["service:\n  build: ..", "the build context leaves the repository", 2],
    ["service:\n  build: /", "the build context leaves the repository", 2],
    ["path: a\nservice:\n  build: ../..", "the build context leaves the repository", 3],
    ["service:\n  build:\n    context: a/../..", "the build context leaves the repository", 3],
    [
      "service:\n  build:\n    dockerfile: ../Dockerfile",
      "the Dockerfile must lie in the build context",
      3,
    ],
    [
      "service:\n  build:\n    dockerfile: /Dockerfile",
      "the Dockerfile must lie in the build context",
      3,
    ],
  ])("refuses %j", (text, message, line) => {
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(new RegExp(`^${line} impossible combination: ${message}.*\\.$`)),
    ]);
  });

  it.each(["https://x/y.git", "git@x:y", ":(glob)x", "-x", "~/x", "a\\b", "a\tb", ""])(
    "refuses the context %j",
    (context) => {
      const text = `service: {build: {context: ${JSON.stringify(context)}}}`;
      if (context === "git@x:y") return expect(parse(text).ok).toBe(true);
      return expect(problemsOf(text)[0]).toMatch(/write a path within the repository/);
    },
  );

  it("lets a context lie beside the app's folder, with a doubt", () => {
    const text = "path: services/api\nservice:\n  build: ..";
    expect(configOf(text).app.service.build?.context).toBe("..");
    expect(warningsOf(text)).toEqual([
      "3 the build context lies outside of the app's `path`, and changes there deploy nothing: make `path` as wide.",
    ]);
  });

  it("never lets a path out of the repository", () => {
    const part = fc.constantFrom("..", ".", "a", "b", "", "...");
    const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(path, path, path, (app, context, dockerfile) => {
        const text = JSON.stringify({ path: app, service: { build: { context, dockerfile } } });
        const parsed = parse(text);
        if (!parsed.ok) return;
        const { path: found, service } = parsed.config.app;
        const resolved = new URL(`${found}/${service.build?.context}/`, "file:///root/repo/");
        expect(resolved.pathname).toMatch(/^\/root\/repo\//);
        expect(
          new URL(service.build?.dockerfile ?? "", resolved).pathname.startsWith(resolved.pathname),
        ).toBe(true);
      }),
    );
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
    expect(app.service.image).toBe("new");
    expect(environments.map(({ name }) => name)).toEqual(["staging"]);
  });

  it("do without a file on either side", () => {
    expect(configOf(null, { policyText }).app.service.build?.context).toBe(".");
    expect(configOf(null, { policyText }).environments[0]?.name).toBe("staging");
    const contentText = policyText;
    expect(configOf(null, { contentText }).environments).toEqual([production]);
  });

  it("ignore what is wrong with the other's part", () => {
    const broken = "service: {imag: 1}\nenvironments: {staging: }";
    expect(configOf(null, { policyText: broken, contentText: policyText }).app.service.image).toBe(
      "old",
    );
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

describe("doubts", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    [
      "a number that Docker writes in another way",
      ["environment: {A: 1.10, B: 0123, C: 2020-01-01, D: 5, E: '1.10'}"],
      [
        '3 Docker reads A as 1.1: write "1.10" in quotes to keep it as it is.',
        '3 Docker reads B as 83: write "0123" in quotes to keep it as it is.',
        '3 Docker reads C as 2020-01-01 00:00:00 +0000 UTC: write "2020-01-01" in quotes to keep it as it is.',
      ],
    ],
    [
      "a monitor that is too short for the health check",
      [
        "healthcheck: {test: x, interval: 10s, timeout: 5s}",
        "deploy: {update_config: {monitor: 10s}}",
      ],
      [
        "4 a failing health check shows after 45s, and Swarm stops watching before that: make `monitor` as long, or the health check quicker.",
      ],
    ],
    [
      "more replicas than one node has host ports",
      ["ports: [{target: 80, published: 80, mode: host}]", "deploy: {replicas: 2}"],
      [
        "4 each of 2 replicas needs a node of its own for the host port: have as many nodes, or publish it with mode ingress.",
      ],
    ],
  ])("%s", (_, lines, warnings) => {
    expect(warningsOf(inService(...lines))).toEqual(warnings);
  });
});

describe("parseConfig, for any text", () => {
  const key = fc.constantFrom(
    ...Object.values(LEVELS).flatMap(({ keys }) => keys),
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

  it("never throws, names a line for each problem and says what to do", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          file.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const parsed = parse(text);
          const annotations = parsed.ok ? parsed.warnings : parsed.problems;
          if (!parsed.ok) expect(annotations.length).toBeGreaterThan(0);
          for (const { path, line, message, title } of annotations) {
            expect(path).toBe(".github/skep.yml");
            expect(line).toBeGreaterThanOrEqual(1);
            expect(title).not.toBe("");
            expect(message.replaceAll(/`[^`]*`/g, "x")).toMatch(/: .+[.?]$/);
            expect(message).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("accepts only what can be stored and read back", () => {
    const service = fc.dictionary(key, tree, { maxKeys: 4, noNullPrototype: true });
    fc.assert(
      fc.property(service, (value) => {
        const parsed = parse(
          JSON.stringify({ service: { ...value, build: undefined, image: "img" } }),
        );
        if (!parsed.ok) return;
        const stored: unknown = JSON.parse(JSON.stringify(parsed.config.app.service));
        expect(stored).toEqual(parsed.config.app.service);
      }),
      { numRuns: 1000 },
    );
  });

  it("stays quick with aliases that blow up small texts", () => {
    const keys = Array.from({ length: 4000 }, (_, index) => `k${index}: 1`).join(", ");
    const uses = Array.from({ length: 99 }, (_, index) => `  e${index}: *a`).join("\n");
    const start = performance.now();
    expect(parse(`x-a: &a {${keys}}\nenvironments:\n${uses}`).ok).toBe(false);
    expect(performance.now() - start).toBeLessThan(8000);
  });
});
