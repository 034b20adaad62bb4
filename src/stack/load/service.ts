import type {
  StackAttachment,
  StackFileReference,
  StackHealthcheck,
  StackPort,
  StackService,
} from "../model.ts";
import { readBuild } from "./build.ts";
import { durationOf, readDeploy } from "./deploy.ts";
import { readEnvironment, type EnvironmentSources } from "./environment.ts";
import { readDependsOn } from "./depends-on.ts";
import { defined, fieldsOf, type Fields } from "./fields.ts";
import { tellIgnored } from "./ignored-keys.ts";
import { readMounts } from "./mounts.ts";
import { extraHostsOf, labelsOf } from "./pairs.ts";
import { parsePort } from "./port.ts";
import type { At } from "./report.ts";
import { shellWords } from "./shell-words.ts";
import { isMapping, isTime, print, type Value } from "./value.ts";

/** What services are read with. */
export interface ServiceSources extends EnvironmentSources {
  /** Where relative paths start. */
  readonly folder: string;
  /** How many ports the services of the file may still publish. */
  readonly portsLeft: { count: number };
}

/** One service of one file, every short form written out. */
export function readService(fields: Fields, sources: ServiceSources): StackService {
  if (!sources.asCli) tellIgnored(fields);
  return defined<StackService>({
    ...readContainer(fields, sources),
    ...readTexts(fields),
    dns: textOrTexts(fields, "dns"),
    dnsSearch: textOrTexts(fields, "dns_search"),
    ports: readPorts(fields, sources),
    mounts: readMounts(fields, sources),
    secrets: fields.each("secrets", readFileReference),
    configs: fields.each("configs", readFileReference),
    networks: readNetworks(fields),
    joinsNone: undefined,
    deploy: fields.inside("deploy", readDeploy),
    dependsOn: readDependsOn(fields),
  });
}

function readTexts(fields: Fields) {
  return {
    image: fields.text("image"),
    hostname: fields.text("hostname"),
    user: fields.text("user"),
    workingDir: fields.text("working_dir"),
    stopSignal: fields.text("stop_signal"),
    isolation: fields.text("isolation"),
    restart: fields.text("restart"),
  };
}

function readContainer(fields: Fields, sources: ServiceSources) {
  return {
    build: readBuild(fields, sources),
    command: wordsOf(fields, "command"),
    entrypoint: wordsOf(fields, "entrypoint"),
    environment: readEnvironment(fields, sources),
    stopGracePeriodNs: durationOf(fields, "stop_grace_period"),
    tty: fields.flag("tty"),
    stdinOpen: fields.flag("stdin_open"),
    readOnly: fields.flag("read_only"),
    init: fields.flag("init"),
    capAdd: fields.texts("cap_add"),
    capDrop: fields.texts("cap_drop"),
    sysctls: labelsOf(fields.value("sysctls")),
    ulimits: readUlimits(fields),
    extraHosts: extraHostsOf(fields.value("extra_hosts")),
    healthcheck: fields.inside("healthcheck", readHealthcheck),
    logging: fields.inside("logging", (logging) =>
      defined({ driver: logging.text("driver"), options: labelsOf(logging.value("options")) }),
    ),
    labels: labelsOf(fields.value("labels")),
    credentialSpec: fields.inside("credential_spec", (spec) =>
      defined({
        config: spec.text("config"),
        file: spec.text("file"),
        registry: spec.text("registry"),
      }),
    ),
  };
}

function wordsOf(fields: Fields, key: string): readonly string[] | undefined {
  const text = fields.text(key);
  if (text === undefined) return fields.texts(key);
  const words = shellWords(text);
  if (words !== null) return words;
  fields.at.to(key).refuse("open_quote", "a quote or a backslash ends nowhere: close it.");
  return undefined;
}

function textOrTexts(fields: Fields, key: string): readonly string[] | undefined {
  const text = fields.text(key);
  return text === undefined ? fields.texts(key) : [text];
}

function readUlimits(fields: Fields): StackService["ulimits"] {
  const value = fields.value("ulimits");
  if (!isMapping(value)) return undefined;
  const limits = fieldsOf(value, fields.at.to("ulimits"));
  return Object.fromEntries(
    [...value.keys()].map((name) => {
      const both = limits.whole(name);
      const long = limits.inside(name, (limit) => ({
        hard: limit.whole("hard") ?? 0,
        soft: limit.whole("soft") ?? 0,
      }));
      return [name, long ?? { hard: both ?? 0, soft: both ?? 0 }];
    }),
  );
}

function readHealthcheck(fields: Fields): StackHealthcheck {
  const line = fields.text("test");
  return defined<StackHealthcheck>({
    test: line === undefined ? fields.texts("test") : ["CMD-SHELL", line],
    disable: fields.flag("disable"),
    intervalNs: durationOf(fields, "interval"),
    timeoutNs: durationOf(fields, "timeout"),
    startPeriodNs: durationOf(fields, "start_period"),
    startIntervalNs: durationOf(fields, "start_interval"),
    retries: fields.count("retries"),
  });
}

/** A range of a few characters is thousands of ports, and many services may have one. */
function readPorts(fields: Fields, { portsLeft }: ServiceSources): StackService["ports"] {
  const ports = fields.each("ports", (value, at) => {
    if (portsLeft.count < 0) return [];
    const some = readPort(value, at);
    portsLeft.count -= some.length;
    if (portsLeft.count >= 0) return some;
    at.refuse("too_many_ports", "the file publishes more ports than Skep reads: publish fewer.");
    return [];
  });
  return ports?.flat();
}

function readPort(value: Value, at: At): readonly StackPort[] {
  if (isMapping(value)) {
    const fields = fieldsOf(value, at);
    const published = uint32(fields.count("published"));
    return [
      defined<StackPort>({
        target: uint32(fields.count("target")),
        published: published === 0 ? undefined : published,
        protocol: fields.text("protocol"),
        mode: fields.text("mode"),
      }),
    ];
  }
  if (isTime(value) || typeof value === "number") {
    at.refuse("wrong_type", "must be a whole number, a string or a mapping: correct the value.");
  }
  return parsePort(print(value)) ?? [];
}

function uint32(value: number | undefined): number {
  return Number(BigInt.asUintN(32, BigInt(Math.trunc(value ?? 0))));
}

function readFileReference(value: Value, at: At): StackFileReference {
  if (typeof value === "string") return { source: value };
  const fields = fieldsOf(value, at);
  return defined<StackFileReference>({
    source: fields.text("source") ?? "",
    target: fields.text("target"),
    uid: fields.text("uid"),
    gid: fields.text("gid"),
    mode: fields.count("mode"),
  });
}

function readNetworks(fields: Fields): Readonly<Record<string, StackAttachment>> | undefined {
  const value = fields.value("networks");
  const names = isMapping(value) ? [...value.keys()] : (fields.texts("networks") ?? []);
  if (names.length === 0) return undefined;
  const networks = fieldsOf(value, fields.at.to("networks"));
  return Object.fromEntries(
    names.map((name) => [
      name,
      networks.inside(name, (attachment) =>
        defined<StackAttachment>({
          aliases: attachment.texts("aliases"),
          driverOpts: labelsOf(attachment.value("driver_opts")),
        }),
      ) ?? {},
    ]),
  );
}
