import type { Command } from "../../command.ts";
import { resolveWords } from "../../commands/resolve.ts";
import { toSkepError } from "../../errors.ts";
import type { CommandIntent } from "../../intent.ts";
import type { EnvironmentKey } from "../../store/ports.ts";
import type { Answer } from "../../store/conversation.ts";
import type { FactSources } from "../ports.ts";
import type { AskedFacts, CommandFacts } from "./command-facts.ts";
import { cancelFacts, openDeployments } from "./gather-cancel-facts.ts";
import { gatherDeployFacts } from "./gather-deploy-facts.ts";
import { gatherRetryCommandFacts } from "./gather-retry-facts.ts";
import { gatherRollbackFacts } from "./gather-rollback-facts.ts";
import { gatherKnownPlaces } from "../known-places.ts";
import { newestDeployment } from "./newest-deployment.ts";
import { refusal } from "./refusal.ts";
import { maySay } from "./roles.ts";

/** Reads all that a line of a comment is decided on. Nothing but the role is looked up for who may not say it. */
export async function gatherCommandFacts(
  from: FactSources,
  intent: CommandIntent,
): Promise<CommandFacts> {
  const role = await from.permissions.roleOf(intent.repository, intent.actor);
  const { asked } = intent;
  if (!maySay(intent, role)) {
    const wasTurnedAway = await hasBeenTurnedAway(from, intent);
    return { role, wasTurnedAway, asked: { kind: "not_looked_up" } };
  }
  const facts =
    asked.kind === "command"
      ? await gatherAsked(from, intent, asked.command)
      : { kind: "not_looked_up" as const };
  return { role, wasTurnedAway: false, asked: facts };
}

async function hasBeenTurnedAway(from: FactSources, intent: CommandIntent): Promise<boolean> {
  const { repository, comment, actor } = intent;
  const answers = await earlierAnswers(from, {
    repositoryId: repository.id,
    number: comment.number,
  });
  return answers.some(({ comment: { actor: earlier }, result }) => {
    const isSame = earlier.toLowerCase() === actor.toLowerCase();
    const isAboutRole = result.kind === "refused" && result.code === "not_authorized";
    return isSame && (isAboutRole || result.kind === "unanswered");
  });
}

/** Without a comment seen there is no conversation, which the store tells by throwing. */
async function earlierAnswers(
  from: FactSources,
  key: { readonly repositoryId: number; readonly number: number },
): Promise<readonly Answer[]> {
  try {
    return (await from.store.conversations.get(key)).answers;
  } catch (thrown) {
    const error = toSkepError(thrown);
    if (error.code === "internal") return [];
    throw error;
  }
}

async function gatherAsked(
  from: FactSources,
  intent: CommandIntent,
  command: Command,
): Promise<AskedFacts> {
  if (command.verb === "help") return { kind: "shown", what: "help", environment: null };
  const known = await gatherKnownPlaces(from, intent);
  const { repository } = intent;
  const open = command.verb === "cancel" ? await openDeployments(from, repository.id) : [];
  const names = [
    ...known.environments.map(({ name }) => name),
    ...open.map(({ environment }) => environment),
  ];
  const environments = [...new Set(names)];
  const resolved = resolveWords(command, { app: known.app, environments });
  if (resolved.kind === "refused") {
    const { code, message, suggestion } = resolved;
    const nextStep = "`/status` shows the environments.";
    return { kind: "refused", refusal: refusal(code, message, nextStep, suggestion) };
  }
  const { verb } = command;
  if (verb === "status" || verb === "history") {
    return { kind: "shown", what: verb, environment: resolved.environment };
  }
  if (verb === "cancel") {
    return cancelFacts(open, { app: known.app, environment: resolved.environment ?? "" });
  }
  const environment = known.environments.find(({ name }) => name === resolved.environment);
  // An acting verb resolves to one of the environments that it was given.
  if (!environment) return { kind: "not_looked_up" };
  const key = { repositoryId: repository.id, app: known.app, environment: environment.name };
  switch (verb) {
    case "deploy":
      return gatherDeployFacts(from, intent, { known, environment, at: command.at });
    case "rollback":
      return gatherRollbackFacts(from, {
        repository,
        known,
        environment,
        target: resolved.target,
      });
    case "resume":
      return gatherResumeFacts(from, key);
    case "retry":
      return gatherRetryCommandFacts(from, { repository, known, environment });
  }
}

async function gatherResumeFacts(from: FactSources, key: EnvironmentKey): Promise<AskedFacts> {
  const [record, waiting] = await Promise.all([
    from.store.catalog.environment(key),
    newestDeployment(from, key, ["waiting"]),
  ]);
  return { kind: "resume", key, hold: record?.hold ?? null, waiting };
}
