import type { Deployment, Hold } from "../../deployment.ts";
import { formatDayTime } from "../format-time.ts";
import { cellCode, escapeMarkdown, link, plainLine } from "../markdown.ts";
import { renderHeadline } from "../render-title.ts";
import type { ConversationView, EnvironmentView } from "./view.ts";

const MAX_ROWS = 40;

/** Where a deployment's log can be read. */
export function logUrl(baseUrl: string, { id }: Deployment): string {
  return `${baseUrl}/deployments/${encodeURIComponent(id)}`;
}

/** What an environment is called in a table; the app is named where there are several. */
export function environmentName(
  { app, environment }: { readonly app: string; readonly environment: string },
  all: readonly EnvironmentView[],
): string {
  const apps = new Set(all.map(({ record }) => record.app));
  return apps.size > 1 ? `${cellCode(app)} → ${cellCode(environment)}` : cellCode(environment);
}

function renderActive(active: Deployment | null, baseUrl: string): string {
  if (active === null) return "nothing yet";
  const { version, sha, actor, finishedAt } = active;
  const commit = sha.startsWith(version) ? "" : ` (${cellCode(sha.slice(0, 7))})`;
  const since = finishedAt === null ? "" : ` since ${formatDayTime(finishedAt)}`;
  return `${link(cellCode(version, 40), logUrl(baseUrl, active))}${commit}${since} by ${cellCode(actor, 39)}`;
}

function renderHold(hold: Hold, environment: string): string {
  const since = `since the rollback to ${cellCode(hold.version, 40)} by ${cellCode(hold.by, 39)}`;
  return `**Held** ${since}: ${cellCode(`/resume ${environment}`)} lets pushes and tags deploy again`;
}

function renderOpen(deployment: Deployment, baseUrl: string): string {
  const waits = `${plainLine(deployment.version, 40)} waits`;
  // What it waits for is told beside it.
  const text = deployment.state === "waiting" ? waits : renderHeadline(deployment, null);
  return link(escapeMarkdown(text, 140), logUrl(baseUrl, deployment));
}

/** What runs in each environment, and what happens there now, as a table; empty when nothing was ever deployed. */
export function renderEnvironments({ environments, baseUrl }: ConversationView): string {
  if (environments.length === 0) return "";
  const rows = environments.slice(0, MAX_ROWS).map(({ record, active, open }) => {
    const hold = record.hold === null ? [] : [renderHold(record.hold, record.environment)];
    const now = [...open.map((one) => renderOpen(one, baseUrl)), ...hold].join("<br>");
    const name = environmentName(record, environments);
    return `| ${name} | ${renderActive(active, baseUrl)} | ${now === "" ? "–" : now} |`;
  });
  const more = environments.length - rows.length;
  return [
    "| Environment | Runs | Now |",
    "| --- | --- | --- |",
    ...rows,
    ...(more > 0 ? [`| and ${more} more | | |`] : []),
  ].join("\n");
}
