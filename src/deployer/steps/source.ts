import { posix } from "node:path";
import { parseConfig } from "../../policy/config/config.ts";
import type { ServiceDefinition } from "../../release.ts";
import { buildKey, buildTag } from "../build-key.ts";
import type { StepResult } from "../machine.ts";
import type { FoundSource, Run } from "../run.ts";
import { untilAborted } from "../until-aborted.ts";
import { refuseMovedHead } from "./head.ts";

const CONFIG_PATH = ".github/skep.yml";

/** Makes sure of the commit, makes it present and reads from it what shall run. */
export async function findSource(run: Run): Promise<StepResult> {
  // Git may take its time, and cannot be stopped.
  return await untilAborted(find(run), run.signal);
}

async function find(run: Run): Promise<StepResult> {
  const refused = await refuseMovedHead(run);
  if (refused !== null) return refused;
  const { source } = run.deps;
  const { repository, sha, policySha, app } = run.deployment();
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
  if (!parsed.ok) {
    return {
      kind: "failed",
      failure: {
        code: "config_invalid",
        phase: "pre_build",
        summary: `${CONFIG_PATH} at ${sha.slice(0, 7)} has ${parsed.problems.length} problem(s)`,
        evidence: [],
        nextStep: "Mend the lines marked in the annotations and push again.",
        annotations: parsed.problems,
      },
    };
  }
  const definition = parsed.config.app.service;
  if (definition.build === null) {
    run.setFoundSource({ definition, build: null });
    return { kind: "done", note: `image ${definition.image ?? ""}` };
  }
  const contextPath = posix.join(parsed.config.app.path, definition.build.context);
  const build = await findBuild(run, { app, contextPath, build: definition.build });
  if (!build) return dockerfileMissing(contextPath, definition.build.dockerfile);
  run.setFoundSource({ definition, build });
  return { kind: "done", note: `commit ${sha.slice(0, 7)}` };
}

async function findBuild(
  run: Run,
  want: {
    readonly app: string;
    readonly contextPath: string;
    readonly build: NonNullable<ServiceDefinition["build"]>;
  },
): Promise<FoundSource["build"]> {
  const { repository, sha } = run.deployment();
  const { source } = run.deps;
  const dockerfilePath = posix.join(want.contextPath, want.build.dockerfile);
  const [contextTree, dockerfileId] = await Promise.all([
    source.objectId(repository, sha, want.contextPath),
    source.objectId(repository, sha, dockerfilePath),
  ]);
  if (contextTree === null || dockerfileId === null) return null;
  const key = buildKey({
    contextTree,
    dockerfilePath: want.build.dockerfile,
    dockerfileId,
    args: want.build.args,
    target: want.build.target,
    platform: run.deps.platform,
  });
  return {
    key,
    tag: buildTag({ owner: repository.owner, app: want.app, key }),
    contextPath: want.contextPath,
    dockerfile: want.build.dockerfile,
  };
}

function dockerfileMissing(contextPath: string, dockerfile: string): StepResult {
  const path = posix.join(contextPath, dockerfile);
  return {
    kind: "failed",
    failure: {
      code: "dockerfile_missing",
      phase: "pre_build",
      summary: `there is no ${path} in this commit`,
      evidence: [],
      nextStep: `Add ${path}, or name another one under build.dockerfile in ${CONFIG_PATH}.`,
      annotations: [],
    },
  };
}
