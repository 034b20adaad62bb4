import { describe, expect, it } from "vitest";
import { findDoubts } from "../../src/stack/doubts.ts";
import { draftStack } from "../../src/stack/draft.ts";

/** The code and key of each problem and doubt about a stack file in `deploy/`, of an app in this folder. */
function told(lines: readonly string[], appPath = ".") {
  const drafted = draftStack({
    stackName: "shop",
    files: [{ path: "deploy/stack.yml", text: lines.join("\n") }],
    appPath,
    readFile: () => new TextEncoder().encode("x"),
    variables: {},
    serverKey: new Uint8Array(32),
    defaultNetwork: "own",
  });
  if (!drafted.ok) throw new Error(JSON.stringify(drafted.problems));
  const { problems, doubts } = findDoubts(drafted.draft, appPath);
  const show = ({ code, key }: (typeof doubts)[number]): string => `${code} ${key}`;
  return { problems: problems.map(show), doubts: doubts.map(show), all: [...problems, ...doubts] };
}

/** A service `web` with these further lines. */
function web(...lines: readonly string[]): readonly string[] {
  return ["services:", "  web:", "    image: img:1", ...lines.map((line) => `    ${line}`)];
}

const HOST = "ports: [{ target: 80, published: 80, mode: host }]";
const NOTHING = { problems: [], doubts: [] };

describe("what would never end", () => {
  it("is a host port that the old task holds, said to start first", () => {
    const startFirst = "deploy: { update_config: { order: start-first } }";
    expect(told(web(HOST, startFirst)).problems).toEqual([
      "host_port_order services.web.deploy.update_config.order",
    ]);
    for (const port of ["8080:80", "{ target: 80, mode: host }"]) {
      expect(told(web(`ports: [${port}]`, startFirst))).toMatchObject(NOTHING);
    }
    expect(told(web(HOST))).toMatchObject(NOTHING);
    expect(told(web(HOST, startFirst.replace("start", "stop")))).toMatchObject(NOTHING);
  });

  it("is a monitor of more than an hour", () => {
    const monitor = (time: string) => web(`deploy: { update_config: { monitor: ${time} } }`);
    expect(told(monitor("1h"))).toMatchObject(NOTHING);
    expect(told(monitor("1h1s")).problems).toEqual([
      "monitor_too_long services.web.deploy.update_config.monitor",
    ]);
  });

  it.each<[string, string, string]>([
    [
      "ports: [{ published: 80 }]",
      "port_target",
      "port 80 does not say which port of the container it leads to: add target.",
    ],
    [
      "ports: [{ target: 80, mode: overlay }]",
      "port_mode",
      '"overlay" is no mode: write ingress or host.',
    ],
    [
      "ports: [{ target: 80, protocol: icmp }]",
      "port_protocol",
      '"icmp" is no protocol: write tcp, udp or sctp.',
    ],
  ])("is a port that would be another than it says: %s", (line, code, message) => {
    expect(told(web(line)).all).toEqual([{ code, key: "services.web.ports", message }]);
    expect(told(web("ports: [{ target: 80, mode: HOST, protocol: UDP }, 81/sctp]"))).toMatchObject(
      NOTHING,
    );
  });

  it("is a health check that Docker would not run", () => {
    const check = (test: string) => told(web(`healthcheck: { test: ${test} }`)).problems;
    expect(check("[curl, localhost]")).toEqual(["healthcheck_test services.web.healthcheck.test"]);
    for (const test of ["curl localhost", "[CMD, curl]", "[CMD-SHELL, curl x]", "[NONE]"]) {
      expect(check(test)).toEqual([]);
    }
  });
});

describe("what is doubtful", () => {
  it.each<[string, string, number | null]>([
    ["{ test: x, interval: 10s, timeout: 5s }", "44s", 45],
    ["{ test: x, interval: 10s, timeout: 5s }", "45s", null],
    ["{ test: x, interval: 10s, timeout: 5s, retries: 1, start_period: 20s }", "30s", 35],
    ["{ test: x }", "10s", 180],
    ["{ disable: true }", "1s", null],
    ["{ interval: 10s }", "1s", null],
  ])("a monitor that ends before a health check %s fails: %s", (check, monitor, seconds) => {
    const lines = [
      `healthcheck: ${check}`,
      `deploy: { update_config: { order: stop-first, monitor: ${monitor} } }`,
    ];
    const { all } = told(web(...lines));
    expect(all).toEqual(
      seconds === null
        ? []
        : [
            {
              code: "monitor_too_short",
              key: "services.web.deploy.update_config.monitor",
              message: `a failing health check shows after ${seconds}s, and Swarm stops watching before that: make \`monitor\` as long, or the health check quicker.`,
            },
          ],
    );
  });

  it("more replicas than one node has host ports, unless the nodes are counted", () => {
    const doubt = "host_port_replicas services.web.deploy.replicas";
    expect(told(web(HOST, "deploy: { replicas: 2 }")).doubts).toEqual([doubt]);
    for (const deploy of [
      "{ replicas: 1 }",
      "{ mode: global }",
      "{ replicas: 2, placement: { max_replicas_per_node: 1 } }",
    ]) {
      expect(told(web(HOST, `deploy: ${deploy}`))).toMatchObject(NOTHING);
    }
    expect(told(web("ports: ['80:80']", "deploy: { replicas: 2 }"))).toMatchObject(NOTHING);
  });

  it("more ports than anybody writes, unless the tasks' nodes open them", () => {
    expect(told(web("ports: ['8000-8100:8000-8100']")).doubts).toEqual([
      "many_ports services.web.ports",
    ]);
    expect(told(web("ports: ['8000-8099:8000-8099']"))).toMatchObject(NOTHING);
  });

  it("a name in the environment that has no value and no variable", () => {
    expect(told(web("environment: { A: , B: '', C: x }")).doubts).toEqual([
      "no_value services.web.environment.A",
    ]);
    expect(told(web("environment: [A, B=, C=x]")).doubts).toEqual([
      "no_value services.web.environment.A",
    ]);
  });

  it("what is made of files outside of the app's folder, which deploy nothing when they change", () => {
    const lines = [
      ...web("build: ../api", "configs: [c]", "secrets: [s]"),
      "configs: { c: { file: ../api/c.txt } }",
      "secrets: { s: { file: s.txt }, e: { external: true } }",
    ];
    expect(told(lines)).toMatchObject(NOTHING);
    expect(told(lines, "api").doubts).toEqual(["outside_app secrets.s.file"]);
    expect(told(lines, "deploy").doubts).toEqual([
      "outside_app services.web.build",
      "outside_app configs.c.file",
    ]);
    expect(told(lines, "ap").doubts).toHaveLength(3);
  });
});
