import { posix } from "node:path";
import { hasFixedHostPort, healthHorizonMs } from "../../deployer/compose/defaults.ts";
import type { ServiceDefinition } from "../../release.ts";
import { isMapping, readKey } from "./issues.ts";
import { TITLES, type ConfigPath, type Problem } from "./problem.ts";
import { isGoScalar } from "./scalars.ts";

/** What works but is probably not meant. */
export function findDoubts(
  app: { readonly path: string; readonly service: ServiceDefinition },
  raw: unknown,
  base: ConfigPath,
): readonly Problem[] {
  const { build, deploy, ports } = app.service;
  const doubt = (keys: readonly string[], message: string): Problem => ({
    path: [...base, "service", ...keys],
    level: "warning",
    title: TITLES.doubt,
    message,
  });
  const doubts = findChangedScalars(readKey(raw, "service"), doubt);
  const { monitorMs } = deploy.updateConfig;
  const horizon = healthHorizonMs(app.service);
  if (monitorMs !== null && monitorMs < horizon) {
    const message = `a failing health check shows after ${horizon / 1000}s, and Swarm stops watching before that: make \`monitor\` as long, or the health check quicker.`;
    doubts.push(doubt(["deploy", "update_config", "monitor"], message));
  }
  if (deploy.replicas > 1 && hasFixedHostPort(ports)) {
    const message = `each of ${deploy.replicas} replicas needs a node of its own for the host port: have as many nodes, or publish it with mode ingress.`;
    doubts.push(doubt(["deploy", "replicas"], message));
  }
  if (build && posix.relative(app.path, posix.join(app.path, build.context)).startsWith("..")) {
    const message =
      "the build context lies outside of the app's `path`, and changes there deploy nothing: make `path` as wide.";
    doubts.push(doubt(["build"], message));
  }
  return doubts;
}

/** Values that Docker reads as numbers or dates and writes in another way. */
function findChangedScalars(
  service: unknown,
  doubt: (keys: readonly string[], message: string) => Problem,
): Problem[] {
  const places = [["environment"], ["labels"], ["deploy", "labels"], ["build", "args"]];
  return places.flatMap((keys) => {
    const values = keys.reduce(readKey, service);
    if (!isMapping(values)) return [];
    const entries: [string, unknown][] = Object.entries(values);
    return entries.flatMap(([name, value]) => {
      if (!isGoScalar(value) || value.text === value.source) return [];
      const message = `Docker reads ${name} as ${value.text}: write "${value.source}" in quotes to keep it as it is.`;
      return [doubt([...keys, name], message)];
    });
  });
}
