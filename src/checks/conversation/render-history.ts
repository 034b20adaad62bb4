import type { Deployment } from "../../deployment.ts";
import { formatDayTime } from "../format-time.ts";
import { cellCode, codeSpan, link } from "../markdown.ts";
import { environmentName, logUrl } from "./render-environments.ts";
import { HISTORY_LENGTH, type ConversationView, type EnvironmentView } from "./view.ts";

function renderRow(deployment: Deployment, name: string | null, baseUrl: string): string {
  const { number, version, kind, state, actor, createdAt } = deployment;
  const cells = [
    link(`No\\.\u00a0${number}`, logUrl(baseUrl, deployment)),
    ...(name === null ? [] : [name]),
    cellCode(version, 40),
    `${kind === "rollback" ? "rollback " : ""}${state.replaceAll("_", " ")}`,
    cellCode(actor, 39),
    formatDayTime(createdAt),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** How to go back to a version that ran before what runs now; empty when there is none. */
function renderWayBack(environments: readonly EnvironmentView[]): readonly string[] {
  for (const { active, history } of environments) {
    const back = history.find(
      ({ state, version }) => state === "succeeded" && version !== active?.version,
    );
    if (active === null || back === undefined) continue;
    const command = codeSpan(`/rollback ${back.environment} ${back.version}`);
    return ["", `What succeeded can run again: ${command}`];
  }
  return [];
}

/** The last deployments of an environment, or of all, as a heading and a table. */
export function renderHistory(view: ConversationView, environment: string | null): string {
  const { environments, baseUrl } = view;
  const wanted = environments.filter(
    ({ record }) => environment === null || record.environment === environment,
  );
  const newest = wanted
    .flatMap(({ history }) => history)
    .toSorted((a, b) => b.createdAt - a.createdAt || b.number - a.number)
    .slice(0, HISTORY_LENGTH);
  const place = environment === null ? "" : ` to ${codeSpan(environment, 60)}`;
  if (newest.length === 0) return `Nothing has been deployed${place} yet.`;
  // The heading names the one environment already.
  const isOfOne = environment !== null && wanted.length === 1;
  return [
    `**The last deployments${place}**`,
    "",
    `| Log |${isOfOne ? "" : " Environment |"} Version | State | By | Asked |`,
    `| --- |${isOfOne ? "" : " --- |"} --- | --- | --- | --- |`,
    ...newest.map((one) =>
      renderRow(one, isOfOne ? null : environmentName(one, environments), baseUrl),
    ),
    ...renderWayBack(wanted),
  ].join("\n");
}
