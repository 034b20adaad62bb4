import type { CommandIntent } from "../../intent.ts";
import type { FactSources } from "../ports.ts";
import { readConfig } from "../read-config.ts";
import type { AskedFacts } from "./command-facts.ts";
import { findHead, findNamed, type Commit, type Finding, type HeadFacts } from "./find-commit.ts";
import { claimPlace, type KnownPlaces } from "../known-places.ts";

/** Reads what `/deploy` is decided on: the commit, then its content. `at` is what it names; null for the head. */
export async function gatherDeployFacts(
  from: FactSources,
  intent: CommandIntent,
  about: {
    readonly known: KnownPlaces;
    readonly environment: KnownPlaces["environments"][number];
    readonly at: string | null;
  },
): Promise<AskedFacts> {
  const { known, environment, at } = about;
  const finding: Finding =
    at === null
      ? findHead(await gatherHead(from, intent), environment.name)
      : findNamed(at, await from.source.resolve(intent.repository, at), environment.name);
  if (finding.kind === "refused") return finding;
  return gatherContent(from, intent, { known, environment, commit: finding.commit });
}

async function gatherHead(from: FactSources, intent: CommandIntent): Promise<HeadFacts> {
  const { repository, comment, isPullRequestOpen: isOpen } = intent;
  const { number, createdAt } = comment;
  const key = { repositoryId: repository.id, number };
  const sighting = await from.store.catalog.pullRequest(key, createdAt);
  const unseen: HeadFacts = {
    number,
    isOpen,
    sighting,
    current: null,
    resolved: { kind: "unknown" },
  };
  if (!isOpen || sighting?.isFork) return unseen;
  const current = await from.source.pullRequestHead(repository, number);
  const isOther = sighting !== null && sighting.headSha !== current;
  if (current === null || isOther) return { ...unseen, current };
  return { ...unseen, current, resolved: await from.source.resolve(repository, current) };
}

async function gatherContent(
  from: FactSources,
  { repository, defaultBranch }: CommandIntent,
  about: {
    readonly known: KnownPlaces;
    readonly environment: KnownPlaces["environments"][number];
    readonly commit: Commit;
  },
): Promise<AskedFacts> {
  const { known, environment, commit } = about;
  const { policySha } = known;
  const { sha } = commit;
  const { parsed, policy } = await readConfig(from.source, {
    repository,
    policySha,
    sha,
    defaultBranch,
  });
  if (!parsed.ok) {
    const place = { app: known.app, environment, policySha, ownsStack: true };
    const warnings = policy.ok ? policy.warnings : [];
    return { kind: "deploy", commit, place, problems: parsed.problems, warnings };
  }
  const { app, environments } = parsed.config;
  const named = environments.find(({ name }) => name === environment.name) ?? environment;
  const place = await claimPlace(from, repository, {
    app: app.name,
    environment: { name: named.name, stackName: named.stackName, url: named.url },
    policySha,
  });
  return { kind: "deploy", commit, place, problems: [], warnings: parsed.warnings };
}
