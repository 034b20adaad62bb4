import { afterAll, beforeAll, expect, test } from "vitest";
import { startProxy, type Proxy } from "../../sandbox/image/proxy.ts";
import { sharedEngine } from "../support/engine.ts";
import { openProduct, type Product } from "../support/product.ts";
import { readEntered } from "../support/product-data.ts";
import { expectShownFailure } from "../support/shown-failure.ts";
import { waitUntil } from "../support/wait-until.ts";
import { FROM, quickConfig, webDockerfile, webFiles } from "../support/web-files.ts";

let proxy: Proxy;
let product: Product;

beforeAll(async () => {
  proxy = await startProxy(sharedEngine(), { network: "e2e-late" });
  product = await openProduct({ SKEP_NETWORK: proxy.network, SKEP_CONCURRENCY: "6" });
  await product.start();
});

afterAll(async () => {
  expect(product.problems()).toEqual([]);
  await product.close();
  await proxy.close();
});

/** A web server that is well for so long and then does something. */
function lateDockerfile(seconds: number, then: string): string {
  const serve = "httpd -p 8080 -h /www";
  return `${FROM}RUN mkdir /www && echo two > /www/index.html && touch /www/ok\nCMD ${serve} && sleep ${seconds}; ${then}\n`;
}

const CRASH = 'echo "lost the database at db:5432" >&2; exit 3';
const CRASHED = {
  code: "task_exited",
  title: /^Rolled back: the process ended with an error \(exit code 3\)$/,
  cause: /^the process ended with an error \(exit code 3\)/,
  next: /^Read its last lines, mend what they name and push again\.$/,
  evidence: /lost the database at db:5432/,
} as const;

interface Story {
  readonly name: string;
  readonly what: string;
  /** Keys of the service in the first version, and in the second. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly dockerfile: string;
  readonly shown: Omit<Parameters<typeof expectShownFailure>[1], "now">;
  /** How long the new version is well at the least, in milliseconds. */
  readonly wellMs: number;
}

const check = `healthcheck: { test: [CMD, wget, -qO-, "http://127.0.0.1:8080/ok"], interval: 500ms, timeout: 5s, retries: 2 }`;
const checked = {
  ...webFiles("one", check),
  Dockerfile: `${webDockerfile("one")}RUN touch /www/ok\n`,
};

const crash = (name: string): Story => ({
  name,
  what: "crashes after two seconds",
  before: [],
  // What Skep sets by itself: Swarm watches for five seconds.
  after: ["deploy: {}"],
  dockerfile: lateDockerfile(2, CRASH),
  shown: CRASHED,
  wellMs: 2_000,
});

const STORIES: readonly Story[] = [
  {
    name: "late-crash",
    what: "crashes after twenty seconds, which the file tells Swarm to watch",
    before: [],
    after: ["deploy: { update_config: { monitor: 30s } }"],
    dockerfile: lateDockerfile(20, CRASH),
    shown: CRASHED,
    wellMs: 20_000,
  },
  {
    name: "late-sick",
    what: "is healthy first and then not",
    before: [check],
    after: [check, "deploy: { update_config: { monitor: 20s } }"],
    dockerfile: lateDockerfile(5, "rm /www/ok; sleep 1000000"),
    shown: {
      code: "task_unhealthy",
      title: /^Rolled back: the health check failed until Docker stopped the container/,
      cause: /\(wget -qO- http:\/\/127\.0\.0\.1:8080\/ok\)/,
      next: /^Mend what the health check reports/,
      evidence: /404/,
    },
    wellMs: 5_000,
  },
  crash("early-crash-1"),
  crash("early-crash-2"),
  crash("early-crash-3"),
];

test.concurrent.for(STORIES)(
  "an update that $what is a failure with its cause, and Swarm brings the old version back ($name)",
  async ({ name, before, after, dockerfile, shown, wellMs }) => {
    const app = await product.app(name, name);
    try {
      const old = await app.finished(
        await app.push({ ...checked, ".github/skep.yml": quickConfig(...before) }),
      );
      expect(old.conclusion, old.summary ?? "").toBe("success");
      const answers = async () => (await proxy.get(app.serviceName)).text;
      await waitUntil("version one answers", async () => (await answers()) === "one\n");

      const sha = await app.push({
        Dockerfile: dockerfile,
        ".github/skep.yml": quickConfig(...after),
      });
      const run = await app.finished(sha);

      expectShownFailure(run, {
        ...shown,
        now: /^the previous version, \w{7} \(#1\), runs again\.$/,
      });
      await app.untilState(sha, "failure");
      expect(app.statesOf(sha)).not.toContain("success");
      await waitUntil("version one answers again", async () => (await answers()) === "one\n");
      const [first] = app.records();
      const service = await app.service();
      expect(service?.Spec.Labels["skep.deployment"]).toBe(first?.id);
      expect(service?.UpdateStatus?.State).toMatch(/^rollback_/);
      const span =
        readEntered(product.dataDir, run.externalId, "rolling_back") -
        readEntered(product.dataDir, run.externalId, "running");
      expect(span).toBeGreaterThanOrEqual(wellMs);
    } finally {
      await app.remove();
    }
  },
);
