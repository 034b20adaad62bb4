import { DEPLOY, DURATION, LABELS, STRINGS } from "./deploy-shape.ts";
import { isPort } from "./port.ts";
import { isTime, type Value } from "./value.ts";
import { kind, list, mapping, named, oneOf, since, text, type Shape } from "./shapes.ts";

const STRING = kind("string");
const UNIQUE_STRINGS = list(STRING, { unique: true });
const STRING_OR_LIST = oneOf({ string: STRING, list: UNIQUE_STRINGS });
const WORDS = oneOf({ string: STRING, list: STRINGS });
const ANY: Shape = () => {};
const NAMES = /^[a-zA-Z0-9._-]+$/;

const BUILD_KEYS = {
  context: STRING,
  dockerfile: STRING,
  args: LABELS,
  labels: since(3, LABELS),
  cache_from: since(2, UNIQUE_STRINGS),
  network: since(4, STRING),
  target: since(4, STRING),
  shm_size: since(5, kind("integer", "string")),
  extra_hosts: since(9, LABELS),
};

/** From schema 3.11 on, a build may have keys that the CLI knows nothing of. */
const CLI_BUILD: Shape = (value, at, schema) =>
  oneOf({ string: STRING, mapping: mapping(BUILD_KEYS, { open: schema.minor >= 11 }) })(
    value,
    at,
    schema,
  );

/** What Skep cannot honour is told when it is read. */
const OWN_BUILD = oneOf({
  string: STRING,
  mapping: mapping(
    { context: STRING, dockerfile: STRING, args: LABELS, target: STRING },
    { open: true },
  ),
});

const BUILD: Shape = (value, at, schema) =>
  (schema.asCli ? CLI_BUILD : OWN_BUILD)(value, at, schema);

const FILE_REFERENCES = list(
  oneOf({
    string: STRING,
    mapping: mapping(
      { source: STRING, target: STRING, uid: STRING, gid: STRING, mode: kind("number") },
      { open: true },
    ),
  }),
);

const HEALTHCHECK_DURATION: Shape = (value, at, schema) =>
  (schema.minor >= 4 ? DURATION : STRING)(value, at, schema);

const HEALTHCHECK = mapping({
  disable: kind("boolean"),
  interval: HEALTHCHECK_DURATION,
  retries: kind("number"),
  test: WORDS,
  timeout: HEALTHCHECK_DURATION,
  start_period: since(4, DURATION),
  start_interval: since(12, DURATION),
});

const LOGGING = mapping({
  driver: STRING,
  options: named(/^/, kind("string", "number", "null")),
});

const ATTACHMENT = oneOf({
  mapping: mapping({
    aliases: UNIQUE_STRINGS,
    driver_opts: since(13, named(/^/, kind("string", "number"))),
    ipv4_address: STRING,
    ipv6_address: STRING,
  }),
  null: ANY,
});

const SHORT_PORT = text("port", isPort);

const INTEGER_PORT: Shape = (value, at, schema) => SHORT_PORT(portText(value), at, schema);

function portText(value: Value): Value {
  return typeof value === "bigint" ? String(value) : isTime(value) ? value.goTime : "a fraction";
}

const LONG_PORT = mapping({
  mode: STRING,
  target: kind("integer"),
  published: kind("integer"),
  protocol: STRING,
});

const PORTS: Shape = (value, at, schema) => {
  const short = { number: INTEGER_PORT, string: SHORT_PORT };
  list(oneOf(schema.minor >= 2 ? { ...short, mapping: LONG_PORT } : short), { unique: true })(
    value,
    at,
    schema,
  );
};

const NOT_NEGATIVE: Shape = (value, at, schema) => {
  kind("integer")(value, at, schema);
  if ((typeof value === "bigint" || typeof value === "number") && value < 0) {
    at.refuse("bad_value", "must be 0 or more: correct the value.");
  }
};

const LONG_VOLUME = mapping(
  {
    type: STRING,
    source: STRING,
    target: STRING,
    read_only: kind("boolean"),
    consistency: STRING,
    bind: mapping({ propagation: STRING }, { open: true }),
    volume: mapping({ nocopy: kind("boolean"), subpath: STRING }, { open: true }),
    tmpfs: since(6, mapping({ size: NOT_NEGATIVE }, { open: true })),
  },
  { required: ["type"] },
);

const VOLUMES: Shape = (value, at, schema) => {
  if (schema.minor < 2) return UNIQUE_STRINGS(value, at, schema);
  list(oneOf({ string: STRING, mapping: LONG_VOLUME }))(value, at, schema);
};

const ULIMIT = oneOf({
  integer: ANY,
  mapping: mapping(
    { hard: kind("integer"), soft: kind("integer") },
    { required: ["soft", "hard"] },
  ),
});

const CONDITION = text("condition", (value) =>
  ["service_started", "service_healthy", "service_completed_successfully"].includes(value),
);

const DEPENDENCY = mapping({
  condition: CONDITION,
  required: kind("boolean"),
  restart: kind("boolean"),
});

const DEPENDS_ON: Shape = (value, at, schema) => {
  const long = schema.asCli ? {} : { mapping: named(NAMES, DEPENDENCY) };
  oneOf({ list: UNIQUE_STRINGS, ...long })(value, at, schema);
};

/** A service, as the CLI's schemas have it. */
export const SERVICE: Shape = mapping(
  {
    deploy: DEPLOY,
    build: BUILD,
    cap_add: UNIQUE_STRINGS,
    cap_drop: UNIQUE_STRINGS,
    cgroupns_mode: since(9, STRING),
    cgroup_parent: STRING,
    command: WORDS,
    configs: since(3, FILE_REFERENCES),
    container_name: STRING,
    credential_spec: since(
      3,
      mapping({ config: since(8, STRING), file: STRING, registry: STRING }),
    ),
    depends_on: DEPENDS_ON,
    devices: UNIQUE_STRINGS,
    dns: STRING_OR_LIST,
    dns_search: STRING_OR_LIST,
    domainname: STRING,
    entrypoint: WORDS,
    env_file: STRING_OR_LIST,
    environment: LABELS,
    expose: list(kind("string", "number"), { unique: true }),
    external_links: UNIQUE_STRINGS,
    extra_hosts: LABELS,
    healthcheck: HEALTHCHECK,
    hostname: STRING,
    image: STRING,
    init: since(7, kind("boolean")),
    ipc: STRING,
    isolation: since(5, STRING),
    labels: LABELS,
    links: UNIQUE_STRINGS,
    logging: LOGGING,
    mac_address: STRING,
    network_mode: STRING,
    networks: oneOf({ list: UNIQUE_STRINGS, mapping: named(NAMES, ATTACHMENT) }),
    pid: kind("string", "null"),
    ports: PORTS,
    privileged: kind("boolean"),
    read_only: kind("boolean"),
    restart: STRING,
    security_opt: UNIQUE_STRINGS,
    shm_size: kind("number", "string"),
    secrets: since(1, FILE_REFERENCES),
    sysctls: LABELS,
    stdin_open: kind("boolean"),
    stop_grace_period: DURATION,
    stop_signal: STRING,
    tmpfs: STRING_OR_LIST,
    tty: kind("boolean"),
    ulimits: named(/^/, ULIMIT),
    oom_score_adj: since(13, kind("integer")),
    user: STRING,
    userns_mode: STRING,
    volumes: VOLUMES,
    working_dir: STRING,
  },
  { extensions: 7 },
);
