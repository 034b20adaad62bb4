import type { StackAttachment, StackBuild, StackHealthcheck, StackService } from "../model.ts";
import { defined } from "./fields.ts";
import { mergeDeploy } from "./merge-deploy.ts";
import { appended, blocks, count, entries, keyed, type MergeRules } from "./merge-values.ts";

/** One service as two files describe it. */
export function mergeService(
  base: StackService,
  over: StackService,
  rules: MergeRules,
): StackService {
  const { amount, flag, text } = rules;
  return defined<StackService>({
    ...mergeTexts(base, over, rules),
    ...mergeLists(base, over, rules),
    build: blocks(base.build, over.build, mergeBuild),
    environment: blocks(base.environment, over.environment, (a, b) =>
      mergeEnvironment(a, b, rules),
    ),
    stopGracePeriodNs: amount(base.stopGracePeriodNs, over.stopGracePeriodNs),
    tty: flag(base.tty, over.tty),
    stdinOpen: flag(base.stdinOpen, over.stdinOpen),
    readOnly: flag(base.readOnly, over.readOnly),
    init: flag(base.init, over.init),
    sysctls: entries(base.sysctls, over.sysctls),
    ulimits: entries(base.ulimits, over.ulimits),
    labels: entries(base.labels, over.labels),
    healthcheck: blocks(base.healthcheck, over.healthcheck, (a, b) =>
      mergeHealthcheck(a, b, rules),
    ),
    logging: blocks(base.logging, over.logging, (a, b) => mergeLogging(a, b, rules)),
    credentialSpec: blocks(base.credentialSpec, over.credentialSpec, (a, b) =>
      defined({
        config: text(a.config, b.config),
        file: text(a.file, b.file),
        registry: text(a.registry, b.registry),
      }),
    ),
    networks: blocks(base.networks, over.networks, mergeNetworks),
    joinsNone: flag(base.joinsNone, over.joinsNone),
    deploy: blocks(base.deploy, over.deploy, (a, b) => mergeDeploy(a, b, rules)),
    dependsOn: entries(base.dependsOn, over.dependsOn),
  });
}

function mergeTexts(base: StackService, over: StackService, { text }: MergeRules) {
  return {
    image: text(base.image, over.image),
    hostname: text(base.hostname, over.hostname),
    user: text(base.user, over.user),
    workingDir: text(base.workingDir, over.workingDir),
    stopSignal: text(base.stopSignal, over.stopSignal),
    isolation: text(base.isolation, over.isolation),
    restart: text(base.restart, over.restart),
  };
}

function mergeLists(base: StackService, over: StackService, rules: MergeRules) {
  return {
    command: rules.words(base.command, over.command),
    entrypoint: rules.words(base.entrypoint, over.entrypoint),
    capAdd: appended(base.capAdd, over.capAdd),
    capDrop: appended(base.capDrop, over.capDrop),
    dns: appended(base.dns, over.dns),
    dnsSearch: appended(base.dnsSearch, over.dnsSearch),
    extraHosts: appended(base.extraHosts, over.extraHosts),
    ports: rules.ports(base.ports, over.ports),
    mounts: keyed(base.mounts, over.mounts, (mount) => mount.target),
    secrets: keyed(base.secrets, over.secrets, (secret) => secret.source),
    configs: keyed(base.configs, over.configs, (config) => config.source),
  };
}

function mergeBuild(base: StackBuild, over: StackBuild): StackBuild {
  return defined<StackBuild>({
    context: over.context ?? base.context,
    dockerfile: over.dockerfile ?? base.dockerfile,
    args: entries(base.args, over.args),
    target: over.target ?? base.target,
  });
}

type Environment = NonNullable<StackService["environment"]>;

function mergeEnvironment(
  base: Environment,
  over: Environment,
  { variable }: MergeRules,
): Environment {
  const merged = Object.entries(over).map(([name, value]) => {
    const before = Object.hasOwn(base, name) ? base[name] : undefined;
    return [name, before === undefined ? value : variable(before, value)] as const;
  });
  return { ...base, ...Object.fromEntries(merged) };
}

function mergeHealthcheck(
  base: StackHealthcheck,
  over: StackHealthcheck,
  { amount, flag }: MergeRules,
): StackHealthcheck {
  return defined<StackHealthcheck>({
    test: appended(base.test, over.test),
    disable: flag(base.disable, over.disable),
    intervalNs: amount(base.intervalNs, over.intervalNs),
    timeoutNs: amount(base.timeoutNs, over.timeoutNs),
    startPeriodNs: amount(base.startPeriodNs, over.startPeriodNs),
    startIntervalNs: amount(base.startIntervalNs, over.startIntervalNs),
    retries: count(base.retries, over.retries),
  });
}

type Logging = NonNullable<StackService["logging"]>;

/** Options of another driver do not mix; where the earlier file has none, the CLI loses the later one's. */
function mergeLogging(base: Logging, over: Logging, { text }: MergeRules): Logging {
  const { driver: was = "", options } = base;
  const { driver: becomes = "" } = over;
  if (was !== "" && becomes !== "" && was !== becomes) return over;
  return defined<Logging>({
    driver: text(base.driver, over.driver),
    options: options === undefined ? undefined : entries(options, over.options),
  });
}

type Networks = NonNullable<StackService["networks"]>;

function mergeNetworks(base: Networks, over: Networks): Networks {
  const merged = Object.entries(over).map(([name, attachment]) => {
    const before = Object.hasOwn(base, name) ? base[name] : undefined;
    return [name, before === undefined ? attachment : mergeAttachment(before, attachment)] as const;
  });
  return { ...base, ...Object.fromEntries(merged) };
}

/** Aliases are replaced, the driver's options stay; one without either says nothing. */
function mergeAttachment(base: StackAttachment, over: StackAttachment): StackAttachment {
  if (base.aliases === undefined && base.driverOpts === undefined) return over;
  return over.aliases === undefined ? base : { ...base, aliases: over.aliases };
}
