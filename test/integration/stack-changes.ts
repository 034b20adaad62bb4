/** A stack that runs and what it becomes. */
export interface StackChange {
  readonly name: string;
  readonly first: string;
  readonly second: string;
  /** What is planned for a service of it; `update` if not given. */
  readonly kind?: "create" | "update" | "recreate" | "keep";
}

/** A stack of one service with these lines below its name, which stand at the level of `image`. */
function one(lines: string, top = ""): string {
  const indented = lines.replaceAll(/^/gmu, "    ");
  return `services:\n  a:\n    image: img:1\n${indented}\n${top}\n`;
}

const HEALTHCHECK =
  "healthcheck: { test: [CMD, 'true'], interval: 5s, timeout: 1.5s, retries: 5, start_period: 10s }";
const TWO_NETWORKS = "networks:\n  n: {}\n  m: {}\n";
const FILES = "configs: { c: { file: ./f.txt } }\nsecrets: { s: { file: ./f.txt } }\n";

/** Each thing that a file can say, said, and then said otherwise or not at all. */
export const STACK_CHANGES: readonly StackChange[] = [
  {
    name: "an image that the engine spells out",
    first: "services: { a: { image: img } }",
    second: "services: { a: { image: team/img } }",
  },
  {
    name: "commands and surroundings",
    first: one(
      `command: [a, ""]\nentrypoint: [/bin/sh, -c]\nuser: "1000:1000"\nworking_dir: /srv\nhostname: h`,
    ),
    second: one("init: true\nread_only: true\ntty: true\nstdin_open: true\nstop_signal: SIGINT"),
  },
  {
    name: "init said to be off",
    first: one("init: false"),
    second: one("init: true"),
  },
  {
    name: "variables and labels",
    first: one(`environment: ["B=2", "A=", "C D==x=\\n$$é"]\nlabels: { a.b: "", c: d }`),
    second: one(""),
  },
  {
    name: "ports",
    first: one(`ports: ["18090:80", "18053:53/udp", { target: 82, published: 18082, mode: host }]`),
    second: one(`ports: ["18091:80"]`),
  },
  { name: "ports, and none", first: one(`ports: ["18090:80"]`), second: one("") },
  {
    name: "networks",
    first: one("networks: [m, n]", TWO_NETWORKS),
    second: one("networks: { n: { aliases: [x] } }", TWO_NETWORKS),
  },
  {
    name: "a health check that is turned off",
    first: one(HEALTHCHECK),
    second: one("healthcheck: { disable: true }"),
  },
  { name: "a health check that is dropped", first: one(HEALTHCHECK), second: one("") },
  {
    name: "times to stop",
    first: one("stop_grace_period: 0s"),
    second: one("stop_grace_period: 1m1s500ms"),
  },
  {
    name: "resources",
    first: one(
      `deploy: { resources: { limits: { cpus: "0.5", memory: 64M, pids: 10 }, reservations: { memory: 32M } } }`,
    ),
    second: one(""),
  },
  {
    name: "placement and restarts",
    first: one(
      `deploy: { placement: { constraints: [node.role==manager, node.labels.disk != slow], preferences: [{ spread: node.labels.zone }] }, restart_policy: { condition: any } }`,
    ),
    second: one(
      `deploy: { restart_policy: { condition: on-failure, delay: 0s, max_attempts: 0, window: 90s } }`,
    ),
  },
  {
    name: "the way of updates",
    first: one(
      `deploy: { update_config: { parallelism: 0, delay: 0s, monitor: 0s, max_failure_ratio: 0.1, order: start-first, failure_action: continue } }`,
    ),
    second: one(`deploy: { labels: { traefik.enable: "true", empty: "" } }`),
  },
  {
    name: "mounts",
    first: one(
      `volumes:\n  - "v:/data"\n  - "/etc:/host:ro"\n  - { type: tmpfs, target: /t, tmpfs: { size: 1000 } }`,
      "volumes: { v: { driver_opts: { o: x }, labels: { a: b } } }",
    ),
    second: one(`volumes: ["w:/data:ro"]`, "volumes: { w: {} }"),
  },
  {
    name: "the content of configs and secrets",
    first: one("configs: [{ source: c, target: /c, mode: 0400 }]\nsecrets: [s]", FILES),
    second: one("configs: [{ source: c, target: /c, mode: 0400 }]\nsecrets: [s]", FILES),
  },
  {
    name: "what a container may do",
    first: one(
      `cap_add: [NET_ADMIN]\ncap_drop: [ALL]\nsysctls: { net.core.somaxconn: "1" }\nulimits: { nofile: { soft: 1, hard: 2 } }`,
    ),
    second: one(
      `dns: [192.0.2.1]\ndns_search: [a.example.com]\nextra_hosts: ["h:192.0.2.2"]\nlogging: { driver: json-file, options: { max-size: 1m } }`,
    ),
  },
  {
    name: "how a service is found",
    first: one("deploy: { endpoint_mode: dnsrr }"),
    second: one("deploy: { endpoint_mode: vip }"),
  },
  {
    name: "a service and its network that come, and others that go",
    first: "services: { a: { image: i, networks: [n] }, b: { image: i } }\nnetworks: { n: {} }\n",
    second: "services: { b: { image: i }, c: { image: i, networks: [m] } }\nnetworks: { m: {} }\n",
    kind: "create",
  },
  {
    name: "another mode",
    first: one(""),
    second: one("deploy: { mode: global }"),
    kind: "recreate",
  },
];
