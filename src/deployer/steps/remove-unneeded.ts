import type { Release } from "../../release.ts";
import { SKEP_LABELS, STACK_LABELS, type ServiceSpec } from "../../swarm-objects.ts";
import type { FileKind, LiveCluster, LiveFile } from "../ports.ts";
import type { Run } from "../run.ts";

/** Releases that may be gone back to without creating anything, the running one included. */
const KEPT_RELEASES = 10;

/** What a stack holds for nobody. */
export interface Unneeded {
  readonly files: readonly { readonly kind: FileKind; readonly name: string }[];
  readonly networks: readonly string[];
}

/** Removes configs, secrets and networks of the stack that neither its services nor its last releases use. */
export async function removeUnneeded(run: Run): Promise<void> {
  const { swarm } = run.deps;
  const { stackName } = run.deployment();
  const [live, releases] = await Promise.all([swarm.survey(), keptReleases(run)]);
  const { files, networks } = findUnneeded({ live, stackName, releases });
  for (const { kind, name } of files) {
    await swarm.removeFile(kind, name);
    run.say(`removed ${kind} ${name}: none of the last ${KEPT_RELEASES} releases uses it`);
  }
  for (const name of networks) {
    await swarm.removeNetwork(name);
    run.say(`removed network ${name}: none of the last ${KEPT_RELEASES} releases uses it`);
  }
}

async function keptReleases(run: Run): Promise<readonly Release[]> {
  const { deployments, catalog } = run.deps.store;
  const { lane } = run.deployment();
  const states = ["succeeded"] as const;
  const successes = await deployments.list({ lane, states, limit: KEPT_RELEASES });
  const ids = new Set(successes.flatMap(({ releaseId }) => releaseId ?? []));
  const found = await Promise.all([...ids].map((id) => catalog.release(id)));
  return [run.release(), ...found.flatMap((release) => release ?? [])];
}

/**
 * The configs and secrets that Skep keeps for a stack and that neither a service of the Swarm names nor one of the
 * releases has the content of, and the stack's networks that no service joins and none of the releases has. Pure.
 */
export function findUnneeded(about: {
  readonly live: LiveCluster;
  readonly stackName: string;
  readonly releases: readonly Release[];
}): Unneeded {
  const { live, stackName, releases } = about;
  const isOfStack = ({ labels }: { readonly labels: Readonly<Record<string, string>> }): boolean =>
    labels[STACK_LABELS.namespace] === stackName;
  const specs = live.services.map(({ spec }) => spec);
  const contents = new Set(
    releases.flatMap(({ stack }) =>
      [...stack.configs, ...stack.secrets].map(({ contentKey }) => contentKey),
    ),
  );
  const unused = (kind: FileKind, files: readonly LiveFile[]): Unneeded["files"] => {
    const named = new Set(specs.flatMap((spec) => namesOf(kind, spec)));
    return files
      .filter((file) => isOfStack(file) && !named.has(file.name))
      .filter(({ labels }) => {
        const content = labels[SKEP_LABELS.content];
        return content !== undefined && !contents.has(content);
      })
      .map(({ name }) => ({ kind, name }));
  };
  const joined = new Set([
    ...specs.flatMap(
      ({ TaskTemplate }) => TaskTemplate.Networks?.map(({ Target }) => Target) ?? [],
    ),
    ...releases.flatMap(({ stack }) => stack.networks.map(({ Name }) => Name)),
  ]);
  return {
    files: [...unused("config", live.configs), ...unused("secret", live.secrets)],
    networks: live.networks
      .filter((network) => isOfStack(network) && !joined.has(network.name))
      .map(({ name }) => name),
  };
}

function namesOf(kind: FileKind, { TaskTemplate }: ServiceSpec): readonly string[] {
  const { Configs = [], Secrets = [] } = TaskTemplate.ContainerSpec;
  return kind === "config"
    ? Configs.flatMap(({ ConfigName }) => ConfigName ?? [])
    : Secrets.flatMap(({ SecretName }) => SecretName ?? []);
}
