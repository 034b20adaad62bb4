import { Hono, type Context } from "hono";
import { html } from "hono/html";
import { isFinal, type Deployment } from "../deployment.ts";
import type { Clock } from "../clock.ts";
import { deploymentEvents, type DeploymentEvent } from "./deployment-events.ts";
import { eventStream, type ServerEvent } from "./event-stream.ts";
import { logText } from "./log-text.ts";
import { loadLogWindow, parseLogQuery } from "./log-window.ts";
import { deploymentPage } from "./pages/deployment-page.ts";
import { deploymentTitle, renderSummary } from "./pages/deployment-summary.ts";
import { deploymentsPage } from "./pages/deployments-page.ts";
import { groupByPhase, groupName, renderLine } from "./pages/log-lines.ts";
import { STATE_LOOKS } from "./pages/state-look.ts";
import type { RenderPage } from "./render-answer.ts";
import type { WebContext, WebLogs, WebStore } from "./web-ports.ts";

/** What the pages about deployments need. */
export interface DeploymentsAppDeps {
  readonly store: WebStore;
  readonly logs: WebLogs;
  readonly clock: Clock;
  readonly githubUrl: string;
  readonly render: RenderPage;
}

const LIST_LENGTH = 100;
const ID = ":id{[A-Za-z0-9_-]{1,64}}";

/** The list, each deployment's page, its log as text, and its live events. For the operator only: guard it. */
export function createDeploymentsApp(deps: DeploymentsAppDeps): Hono<WebContext> {
  const { store, logs, clock, githubUrl, render } = deps;
  const app = new Hono<WebContext>();

  /** Answers for the deployment that the address names, or 404. */
  function forDeployment(
    answer: (c: Context<WebContext>, deployment: Deployment) => Promise<Response> | Response,
  ) {
    return async (c: Context<WebContext>): Promise<Response> => {
      const deployment = await store.deployments.get(c.req.param("id") ?? "");
      return deployment === null ? c.notFound() : answer(c, deployment);
    };
  }

  app.get("/deployments", async (c) => {
    const list = await store.deployments.list({ limit: LIST_LENGTH });
    return render(c, deploymentsPage(list, { githubUrl, now: clock.now() }), 200);
  });
  app.get(
    `/deployments/${ID}`,
    forDeployment(async (c, deployment) => {
      const query = parseLogQuery(c.req.query());
      const window = await loadLogWindow(logs, deployment.id, query);
      const context = { githubUrl, now: clock.now() };
      return render(c, deploymentPage({ deployment, query, window }, context), 200);
    }),
  );
  app.get(
    `/deployments/${ID}/log.txt`,
    forDeployment((c, { id }) =>
      c.body(logText(logs, id), 200, {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": `attachment; filename="skep-${id}.log.txt"`,
      }),
    ),
  );
  app.get(
    `/deployments/${ID}/events`,
    forDeployment((c, { id }) => {
      const gone = new AbortController();
      const signal = AbortSignal.any([gone.signal, c.req.raw.signal]);
      const events = deploymentEvents(deps, { id, afterSeq: resumePoint(c), signal });
      return c.body(
        eventStream(serverEvents(events, deps), () => gone.abort()),
        200,
        {
          "content-type": "text/event-stream; charset=utf-8",
          "x-accel-buffering": "no",
        },
      );
    }),
  );
  return app;
}

/** The last line that the reader has: from the browser when it comes back, else from the address. */
function resumePoint(c: Context<WebContext>): number {
  const text = c.req.header("last-event-id") ?? c.req.query("after") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

async function* serverEvents(
  events: AsyncGenerator<DeploymentEvent>,
  deps: DeploymentsAppDeps,
): AsyncGenerator<ServerEvent> {
  for await (const event of events) yield await serverEvent(event, deps);
}

async function serverEvent(event: DeploymentEvent, deps: DeploymentsAppDeps): Promise<ServerEvent> {
  switch (event.kind) {
    case "beat":
      return {};
    case "end":
      return { event: "end" };
    case "changed": {
      const { deployment } = event;
      const context = { githubUrl: deps.githubUrl, now: deps.clock.now() };
      const data = {
        title: deploymentTitle(deployment),
        state: STATE_LOOKS[deployment.state].label,
        isFinal: isFinal(deployment.state),
        html: String(await renderSummary(deployment, context)),
      };
      return { event: "changed", data };
    }
    case "lines": {
      const groups = groupByPhase(event.lines).map(async ({ phase, lines }) => ({
        phase: phase ?? "",
        name: groupName(phase),
        count: lines.length,
        html: String(await html`${lines.map(renderLine)}`),
      }));
      return {
        event: "lines",
        id: String(event.lines.at(-1)?.seq ?? 0),
        data: { groups: await Promise.all(groups) },
      };
    }
  }
}
