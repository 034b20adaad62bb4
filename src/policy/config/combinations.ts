import { posix } from "node:path";
import { hasFixedHostPort } from "../../deployer/compose/defaults.ts";
import { isMapping, readKey } from "./issues.ts";
import { TITLES, type ConfigPath, type Problem } from "./problem.ts";
import { isInside } from "./references.ts";
import { deployKeys, serviceKeys } from "./service.ts";

const LONGEST_MONITOR_MS = 3_600_000;
const RESERVED_LABELS = /^skep\./u;

/**
 * Settings that are fine one by one but not together. Looks at each by itself, so that it finds them also where other
 * keys of the service are wrong.
 */
export function findCombinations(service: unknown, base: ConfigPath): readonly Problem[] {
  const at = (...keys: readonly (string | number)[]): ConfigPath => [...base, ...keys];
  return [
    ...checkOrigin(service, base),
    ...checkPorts(service, at),
    ...checkHealth(service, at),
    ...checkMonitor(service, at),
    ...checkLabels(service, at),
  ];
}

type Place = (...keys: readonly (string | number)[]) => ConfigPath;

function refuse(path: ConfigPath, message: string): Problem {
  return { path, level: "failure", title: TITLES.combination, message };
}

function checkOrigin(service: unknown, base: ConfigPath): readonly Problem[] {
  if (!isMapping(service)) return [];
  const hasImage = readKey(service, "image") !== undefined;
  const hasBuild = readKey(service, "build") !== undefined;
  if (hasImage && hasBuild) {
    const message =
      "a service has `image` or `build`, not both (Skep names what it builds): remove one.";
    return [refuse([...base, "image"], message)];
  }
  if (hasImage || hasBuild) return [];
  return [refuse(base, "nothing says what to run: add `build: .` or `image: <name>:<tag>`.")];
}

function checkPorts(service: unknown, at: Place): readonly Problem[] {
  const parsed = serviceKeys.shape.ports.safeParse(readKey(service, "ports"));
  const ports = parsed.data ?? [];
  const problems: Problem[] = [];
  const taken = new Set<string>();
  for (const { published, protocol } of ports) {
    const name = `${published}/${protocol}`;
    if (published !== null && taken.has(name)) {
      problems.push(refuse(at("ports"), `port ${name} is published twice: publish it once.`));
    }
    taken.add(name);
  }
  const update = readKey(readKey(service, "deploy"), "update_config");
  if (readKey(update, "order") === "start-first" && hasFixedHostPort([...ports])) {
    const message =
      "with start-first the new task waits for the host port that the old one holds: use stop-first, or publish the port with mode ingress.";
    problems.push(refuse(at("deploy", "update_config", "order"), message));
  }
  return problems;
}

function checkHealth(service: unknown, at: Place): readonly Problem[] {
  const check = readKey(service, "healthcheck");
  if (readKey(check, "disable") !== true || readKey(check, "test") === undefined) return [];
  const message = "a health check that is disabled has no `test`: remove `disable` or `test`.";
  return [refuse(at("healthcheck", "disable"), message)];
}

function checkMonitor(service: unknown, at: Place): readonly Problem[] {
  const keys = deployKeys.shape.update_config.safeParse(
    readKey(readKey(service, "deploy"), "update_config"),
  );
  if ((keys.data?.monitor ?? 0) <= LONGEST_MONITOR_MS) return [];
  const message = "no deployment may take longer than an hour to prove itself: write at most 1h.";
  return [refuse(at("deploy", "update_config", "monitor"), message)];
}

function checkLabels(service: unknown, at: Place): readonly Problem[] {
  const places = [["labels"], ["deploy", "labels"]];
  return places.flatMap((keys) => {
    const value = keys.reduce(readKey, service);
    const labels = serviceKeys.shape.labels.safeParse(value).data ?? {};
    return Object.keys(labels)
      .filter((name) => RESERVED_LABELS.test(name))
      .map((name) => {
        const path = Array.isArray(value) ? at(...keys) : at(...keys, name);
        return refuse(path, `labels that begin with skep. are Skep's own: rename \`${name}\`.`);
      });
  });
}

/** Whether the app's folder, its build context and its Dockerfile stay where they must. */
export function findEscapes(app: unknown, base: ConfigPath): readonly Problem[] {
  const path = readKey(app, "path") ?? ".";
  if (typeof path !== "string") return [];
  if (!isInside(path)) {
    return [
      refuse(
        [...base, "path"],
        "`path` leaves the repository: write a folder of it, such as services/api.",
      ),
    ];
  }
  const build = readKey(readKey(app, "service"), "build");
  const context = typeof build === "string" ? build : (readKey(build, "context") ?? ".");
  const dockerfile = readKey(build, "dockerfile") ?? "Dockerfile";
  const at = (key: string): ConfigPath => [
    ...base,
    "service",
    "build",
    ...(typeof build === "string" ? [] : [key]),
  ];
  const problems: Problem[] = [];
  if (
    typeof context === "string" &&
    (posix.isAbsolute(context) || !isInside(posix.join(path, context)))
  ) {
    problems.push(
      refuse(
        at("context"),
        "the build context leaves the repository: write a folder of it, relative to the app's `path`.",
      ),
    );
  }
  if (typeof dockerfile === "string" && !isInside(dockerfile)) {
    problems.push(
      refuse(
        at("dockerfile"),
        "the Dockerfile must lie in the build context: write its path relative to that.",
      ),
    );
  }
  return problems;
}
