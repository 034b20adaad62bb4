import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_RULES, type GuardRules } from "../../src/guard/rules.ts";
import type { StackDraft } from "../../src/release.ts";
import { draftStack } from "../../src/stack/draft.ts";
import { findings } from "./drafts.ts";

/** A stack with as many keys as Skep can convert. */
const FULL = `
services:
  web:
    image: nginx:1.27
    command: [run]
    entrypoint: /start
    environment: { A: b }
    hostname: web
    user: app
    working_dir: /app
    stop_signal: SIGINT
    stop_grace_period: 5s
    tty: true
    stdin_open: true
    read_only: true
    init: true
    cap_add: [CHOWN]
    cap_drop: [ALL]
    ulimits: { nofile: 1024 }
    dns: [10.0.0.1]
    dns_search: [example.com]
    extra_hosts: ["a:10.0.0.1"]
    healthcheck: { test: [CMD, "true"], interval: 1s, timeout: 1s, retries: 3, start_period: 1s }
    logging: { driver: local, options: { max-size: 10m } }
    labels: { a: b }
    ports: ["8080:80", { target: 90, published: 9090, protocol: udp, mode: host }]
    volumes:
      - { type: volume, source: data, target: /data, volume: { nocopy: true } }
      - { type: tmpfs, target: /tmp, tmpfs: { size: 1024 } }
    networks: { default: { aliases: [www] }, proxy: {} }
    configs: [{ source: c, target: /c, uid: "1", gid: "1", mode: 0440 }]
    secrets: [s]
    deploy:
      labels: { traefik.http.routers.web.rule: "Host(\`shop.example.com\`)" }
      replicas: 2
      endpoint_mode: vip
      update_config: { parallelism: 1, delay: 1s, monitor: 1s, failure_action: pause, max_failure_ratio: 0.1, order: stop-first }
      rollback_config: { parallelism: 1, delay: 1s, monitor: 1s, failure_action: pause, max_failure_ratio: 0.1, order: stop-first }
      restart_policy: { condition: any, delay: 1s, max_attempts: 3, window: 1s }
      resources:
        limits: { cpus: "1", memory: 64m, pids: 10 }
        reservations: { cpus: "0.5", memory: 32m }
      placement:
        constraints: [node.role == worker]
        preferences: [{ spread: node.labels.zone }]
        max_replicas_per_node: 2
  job: { image: "nginx:1.27", deploy: { mode: replicated-job, replicas: 2 } }
  all: { image: "nginx:1.27", deploy: { mode: global } }
networks:
  default: { driver: overlay, internal: true, attachable: true, ipam: { driver: default, config: [{ subnet: 10.9.0.0/24 }] } }
  proxy: { external: true }
volumes: { data: { driver: local, labels: { a: b } } }
configs: { c: { file: ./c, template_driver: golang } }
secrets: { s: { file: ./s } }
`;

function fullDraft(): StackDraft {
  const result = draftStack({
    stackName: "shop",
    files: [{ path: "stack.yml", text: FULL }],
    appPath: ".",
    readFile: () => new TextEncoder().encode("x"),
    variables: {},
    serverKey: new Uint8Array(32),
    defaultNetwork: "own",
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.draft;
}

/** Maps whose keys are users' own, in which nothing is unknown. */
const MAPS = new Set(["Labels", "Options", "Sysctls", "DriverOpts"]);

/** The paths of all objects in a value that have fields of Docker's. */
function objectsIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value)
    .filter(([key]) => !MAPS.has(key))
    .flatMap(([key, child]) => objectsIn(child, [...path, key]));
  return Array.isArray(value) ? inner : [path, ...inner];
}

/** A copy with a field more at a path. */
function withField(value: unknown, path: readonly string[], field: string): unknown {
  const [step, ...rest] = path;
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return list.map((one, at) => (`${at}` === step ? withField(one, rest, field) : one));
  }
  if (step === undefined) return { ...Object(value), [field]: true };
  const entries: [string, unknown][] = Object.entries(Object(value));
  return Object.fromEntries(
    entries.map(([key, one]) => [key, key === step ? withField(one, rest, field) : one]),
  );
}

function bodiesOf(draft: StackDraft): readonly (readonly string[])[] {
  return [
    ...draft.services.map((_, at) => ["services", `${at}`, "spec"]),
    ...draft.networks.map((_, at) => ["networks", `${at}`]),
    ...draft.configs.map((_, at) => ["configs", `${at}`, "spec"]),
    ...draft.secrets.map((_, at) => ["secrets", `${at}`, "spec"]),
  ];
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((found, step) => {
    const entries: [string, unknown][] = Object.entries(Object(found));
    return entries.find(([key]) => key === step)?.[1];
  }, value);
}

describe("the fields of the bodies", () => {
  const draft = fullDraft();
  const places = bodiesOf(draft).flatMap((body) =>
    objectsIn(at(draft, body)).map((path) => [...body, ...path]),
  );

  it("are all known where a stack says everything that Skep converts", () => {
    expect(findings(draft)).toEqual([]);
    expect(places.length).toBeGreaterThan(40);
  });

  it.each(places.map((path) => [path.join("."), path] as const))(
    "do not include one that is new in %s",
    (_, path) => {
      // A draft of which only the checker knows that it is none.
      const changed = withField(draft, path, "NewField") as StackDraft;
      const found = findings(changed);
      expect(found).toHaveLength(1);
      expect(found[0]?.message).toContain("NewField");
    },
  );

  it("do not include any field of any name", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text !== "__proto__");
    fc.assert(
      fc.property(fc.constantFrom(...places), name, (path, field) => {
        const known = Object.keys(Object(at(draft, path)));
        // What is no field of this draft may be one of Docker's all the same, but not of this form.
        const unknown = known.includes(field) ? `${field}~` : `~${field}`;
        expect(findings(withField(draft, path, unknown) as StackDraft).length).toBeGreaterThan(0);
      }),
    );
  });

  it("lead to the key of the Compose file", () => {
    const keyOf = (...path: string[]): string | undefined =>
      findings(withField(draft, ["services", "2", "spec", ...path], "New") as StackDraft)[0]?.key;
    const names = draft.services.map(({ key }) => key);
    expect(names).toEqual(["all", "job", "web"]);
    expect(keyOf()).toBe("services.web");
    expect(keyOf("TaskTemplate", "ContainerSpec", "Mounts", "1")).toBe("services.web.volumes[1]");
    expect(keyOf("TaskTemplate", "ContainerSpec", "Secrets", "0")).toBe("services.web.secrets");
    expect(keyOf("TaskTemplate", "Resources", "Limits")).toBe("services.web.deploy.resources");
    expect(keyOf("TaskTemplate", "LogDriver")).toBe("services.web.logging");
    expect(keyOf("UpdateConfig")).toBe("services.web.deploy.update_config");
    expect(keyOf("EndpointSpec", "Ports", "0")).toBe("services.web.ports");
  });
});

describe("what is allowed", () => {
  const draft = fullDraft();
  const text = fc.constantFrom(
    "overlay",
    "proxy",
    "local",
    "json-file",
    "*",
    "default",
    "nofile",
    "x",
  );
  const texts = fc.uniqueArray(text);
  const narrow = fc.record({
    volumeDrivers: texts,
    logDrivers: texts,
    networks: texts,
    networkDrivers: texts,
    registries: texts,
    ulimits: texts,
    hosts: fc.oneof(fc.constant(["shop.example.com"]), texts),
  });

  it("refuses nothing more when an entry is added to a list", () => {
    fc.assert(
      fc.property(narrow, fc.constantFrom(...KEYS), text, (rules, key, entry) => {
        const before = findings(draft, rules).map(({ message }) => message);
        const wider = { ...rules, [key]: [...rules[key], entry] };
        const after = findings(draft, wider).map(({ message }) => message);
        expect(before).toEqual(expect.arrayContaining(after));
      }),
    );
  });

  it("refuses nothing more when a range of ports or a limit grows", () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    const limit = fc.option(fc.integer({ min: 1, max: 10 }), { nil: null });
    fc.assert(
      fc.property(port, port, limit, fc.integer({ min: 0, max: 5 }), (from, to, most, more) => {
        const rules = (bonus: number, wider: boolean): Partial<GuardRules> => ({
          publishedPorts: [
            { from: 8080, to: 8080 },
            ...(wider ? [{ from: Math.min(from, to), to: Math.max(from, to) }] : []),
          ],
          limits: { ...DEFAULT_RULES.limits, replicas: most === null ? null : most + bonus },
        });
        const before = findings(draft, rules(0, false)).length;
        expect(findings(draft, rules(more, true)).length).toBeLessThanOrEqual(before);
      }),
    );
  });
});

const KEYS = [
  "volumeDrivers",
  "logDrivers",
  "networks",
  "networkDrivers",
  "registries",
  "ulimits",
  "hosts",
] as const;
