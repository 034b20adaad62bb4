import { posix } from "node:path";
import type { Annotation, Failure } from "../../deployment.ts";
import { annotateDraft } from "../../policy/config/check-service.ts";
import { parseConfig, type RepositoryConfig } from "../../policy/config/config.ts";
import { CONFIG_PATH } from "../../policy/read-config.ts";
import type { BuildDefinition, StackDraft } from "../../release.ts";
import { buildKey, buildTag } from "../build-key.ts";
import { refuseUnsharedBuild } from "../images.ts";
import type { StepResult } from "../machine.ts";
import type { FoundBuild, Run } from "../run.ts";
import { readStack } from "../stack-source.ts";
import { refuseNotAllowed } from "./not-allowed.ts";
import { untilAborted } from "../until-aborted.ts";
import { refuseMovedHead } from "./head.ts";

/** What a stack of Skep's does otherwise than the CLI's and everybody who writes it means. */
const EXPECTED = new Set(["build_honoured", "content_name", "depends_on_conditions", "order"]);

/** Makes sure of the commit, makes it present and reads from it what shall run. */
export async function findSource(run: Run): Promise<StepResult> {
  // Git may take its time, and cannot be stopped.
  return await untilAborted(find(run), run.signal);
}

async function find(run: Run): Promise<StepResult> {
  const refused = await refuseMovedHead(run);
  if (refused !== null) return refused;
  const { source } = run.deps;
  const { repository, sha, policySha } = run.deployment();
  await source.fetch(repository, { sha, defaultBranch: null });
  const [policyText, contentText, dockerfile] = await Promise.all([
    policySha === null ? null : source.readFile(repository, policySha, CONFIG_PATH),
    source.readFile(repository, sha, CONFIG_PATH),
    source.objectId(repository, sha, "Dockerfile"),
  ]);
  const parsed = parseConfig({
    policyText,
    contentText,
    repositoryName: repository.name,
    defaultBranch: "",
    hasDockerfile: dockerfile !== null,
  });
  if (!parsed.ok) return refuse(run, CONFIG_PATH, parsed.problems);
  return await draft(run, parsed.config, contentText);
}

async function draft(
  run: Run,
  config: RepositoryConfig,
  configText: string | null,
): Promise<StepResult> {
  const { deps } = run;
  const { repository, sha, version, environment, stackName } = run.deployment();
  const { source, serverKey, defaultNetwork } = deps;
  const drafted = await readStack({
    source,
    repository,
    sha,
    version,
    environment,
    stackName,
    config,
    configText,
    serverKey,
    defaultNetwork,
  });
  const annotations = annotateDraft(drafted, config.app.path);
  const problems = annotations.filter(({ level }) => level === "failure");
  if (!drafted.ok || problems.length > 0) {
    return refuse(run, problems[0]?.path ?? CONFIG_PATH, problems);
  }
  const live = await deps.swarm.survey();
  const { draft: stack, locate } = drafted;
  const notAllowed = refuseNotAllowed(run, { stack, locate, live });
  if (notAllowed !== null) return { kind: "failed", failure: notAllowed };
  const found = await findBuilds(run, stack, live.nodes.length);
  if (!Array.isArray(found)) return { kind: "failed", failure: found };
  run.setFoundSource({ draft: stack, locate, builds: found, live });
  for (const { code, file, line, key, message } of drafted.notes) {
    if (EXPECTED.has(code)) continue;
    run.say(`${line === null ? file : `${file}:${line}`}: ${key}: ${message}`);
  }
  await warn(run, annotations);
  const count = stack.services.length;
  const services = count === 1 ? "" : `, ${count} services`;
  return { kind: "done", note: `commit ${sha.slice(0, 7)}${services}` };
}

/** Shows what is doubtful on GitHub; a lone service's doubts were told when the deployment was decided. */
async function warn(run: Run, annotations: readonly Annotation[]): Promise<void> {
  const { warnings } = run.deployment();
  const known = new Set(warnings.map(({ path, line, message }) => `${path}:${line} ${message}`));
  const more = annotations.filter(
    ({ path, line, message }) => !known.has(`${path}:${line} ${message}`),
  );
  if (more.length > 0) await run.patch({ warnings: [...warnings, ...more] }, "stack read");
}

function refuse(run: Run, file: string, annotations: readonly Annotation[]): StepResult {
  const { sha } = run.deployment();
  const count = annotations.length;
  return {
    kind: "failed",
    failure: {
      code: "config_invalid",
      phase: "pre_build",
      summary: `${file} at ${sha.slice(0, 7)} has ${count === 1 ? "a problem" : `${count} problems`}`,
      evidence: [],
      nextStep: "Mend the lines marked in the annotations and push again.",
      annotations,
    },
  };
}

/** The builds of the stack's services, or why they cannot be. */
async function findBuilds(
  run: Run,
  stack: StackDraft,
  nodes: number,
): Promise<FoundBuild[] | Failure> {
  const wanted = stack.services.flatMap(({ key, build }) => (build ? [{ key, build }] : []));
  if (wanted.length === 0) return [];
  const builds = wanted.map(({ key }) => key);
  const unshared = refuseUnsharedBuild({ nodes, registry: run.deps.registry, builds });
  if (unshared !== null) return unshared;
  const found: FoundBuild[] = [];
  for (const { key, build } of wanted) {
    const input = await findBuild(run, key, build);
    if (input === null) return dockerfileMissing(key, build);
    found.push(input);
  }
  return found;
}

async function findBuild(
  run: Run,
  service: string,
  definition: BuildDefinition,
): Promise<FoundBuild | null> {
  const { repository, sha, app } = run.deployment();
  const { source, platform, registry } = run.deps;
  const dockerfilePath = posix.join(definition.context, definition.dockerfile);
  const [contextTree, dockerfileId] = await Promise.all([
    source.objectId(repository, sha, definition.context),
    source.objectId(repository, sha, dockerfilePath),
  ]);
  if (contextTree === null || dockerfileId === null) return null;
  const key = buildKey({
    contextTree,
    dockerfilePath: definition.dockerfile,
    dockerfileId,
    args: definition.args,
    target: definition.target,
    platform,
  });
  return {
    service,
    key,
    tag: buildTag({ registry, owner: repository.owner, app, key }),
    definition,
  };
}

function dockerfileMissing(service: string, { context, dockerfile }: BuildDefinition): Failure {
  const path = posix.join(context, dockerfile);
  return {
    code: "dockerfile_missing",
    phase: "pre_build",
    summary: `there is no ${path} in this commit, from which ${service} is built`,
    evidence: [],
    nextStep: `Add ${path}, or name another one under build.dockerfile.`,
    annotations: [],
  };
}
