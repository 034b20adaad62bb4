import { mkdir } from "node:fs/promises";
import { arch, hostname } from "node:os";
import { join } from "node:path";
import { createDecoder } from "./app.ts";
import { createReporting } from "./checks/reporting.ts";
import { createSystemClock } from "./clock.ts";
import { createBuildTurns } from "./deployer/build-turns.ts";
import { createBuildKitBuilder } from "./deployer/docker/buildkit-builder.ts";
import { createDockerClient } from "./deployer/docker/client.ts";
import { createDockerodeSwarm } from "./deployer/docker/dockerode-swarm.ts";
import { createRegistryAuth } from "./deployer/docker/registry-auth.ts";
import type { RunLimits } from "./deployer/run.ts";
import type { Settings } from "./env.ts";
import { createFaults } from "./faults.ts";
import { createGitHubAuth } from "./github/auth.ts";
import { createOctokitPermissions } from "./github/permissions.ts";
import { readServerConfig } from "./guard/read-server-config.ts";
import { commandCommentOf } from "./handlers/issue-comment.ts";
import { createRandomIds } from "./ids.ts";
import { keepHouse } from "./lanes/housekeeping.ts";
import { createWork } from "./lanes/work.ts";
import type { Logger } from "./logger.ts";
import { createLogStore } from "./logs/log-store.ts";
import { openWakeUps } from "./queue/open-wake-ups.ts";
import { createGitMirror } from "./source/git-mirror.ts";
import { openServerKey } from "./server-key.ts";
import { checkGit } from "./source/git-version.ts";
import { openThreadedStore } from "./store/threaded-store.ts";
import { issueSignInLink } from "./web/operator-session.ts";
import { createIntake } from "./web/intake/intake.ts";
import { createServer } from "./web/server.ts";
import { createWebApp } from "./web/web-app.ts";

type RunSettings = Extract<Settings, { readonly mode: "run" }>;

const LEASE_MS = 30_000;
const RETRY_MS = 5 * 60_000;
/** How long a sign-in link and a session are good for. */
const SESSIONS = { codeMs: 60 * 60_000, sessionMs: 30 * 24 * 60 * 60_000 };

/** A running Skep. */
export interface RunningSkep {
  /** Takes no more work, lets what runs go on until the deadline, hands the rest back, closes everything. */
  close(): Promise<void>;
}

/**
 * Starts Skep: first what can refuse (data folder, engine, Redis), then the work, then the door. Throws a `SkepError`
 * that says what to do when a part is missing.
 */
export async function startSkep(settings: RunSettings, log: Logger): Promise<RunningSkep> {
  const clock = createSystemClock();
  const ids = createRandomIds(() => clock.now());
  await checkGit();
  await mkdir(settings.dataDir, { recursive: true, mode: 0o700 });
  const store = await openThreadedStore(settings.dataDir);
  const serverConfig = readServerConfig(settings.serverConfig);
  const serverKey = await openServerKey(settings.dataDir, ids);
  const registryAuth = createRegistryAuth({
    file: settings.registryAuthFile,
    log,
    onRotated: (secrets) => logs.redact(secrets),
  });
  const docker = createDockerClient(settings.dockerHost, clock);
  const swarm = createDockerodeSwarm(docker, { registryAuth: registryAuth.headerFor });
  const engine = await swarm.info();
  log.info({ ...engine }, "engine found");
  const wakeUps = await openWakeUps({
    redisUrl: settings.redisUrl,
    dir: settings.dataDir,
    clock,
    log,
  });
  const logs = await createLogStore({ file: join(settings.dataDir, "logs.db"), clock, log });
  logs.redact([settings.app.webhookSecret.reveal(), settings.app.privateKey.reveal()]);
  logs.redact(registryAuth.secrets());

  const ending = new AbortController();
  const access = { apiUrl: settings.apiUrl, clock, ending: ending.signal };
  const app = { id: settings.app.id, privateKey: settings.app.privateKey.reveal() };
  const client = { ...access, auth: createGitHubAuth({ ...access, app }), log };
  const source = createGitMirror({
    dir: join(settings.dataDir, "mirrors"),
    cloneUrl: ({ owner, name }) => `${settings.githubUrl}/${owner}/${name}.git`,
    token: async (installationId) => {
      const token = await client.auth.installationToken(installationId);
      logs.redact([token]);
      return token;
    },
    clock,
    log,
  });
  const faults = createFaults(settings.fault);
  const reporting = createReporting({
    store,
    client,
    appId: app.id,
    clock,
    log,
    faults,
    baseUrl: settings.baseUrl,
  });
  const work = createWork({
    runner: {
      store,
      source,
      builder: createBuildKitBuilder({
        client: docker,
        clock,
        registryAuth: registryAuth.headerFor,
      }),
      builds: createBuildTurns(),
      swarm,
      logs,
      clock,
      ids,
      faults,
      limits: limitsOf(settings),
      platform: `linux/${arch() === "x64" ? "amd64" : arch()}`,
      registry: settings.registry,
      defaultNetwork: settings.network,
      reservedPorts: [settings.port],
      serverConfig,
      serverKey,
    },
    permissions: createOctokitPermissions(client),
    decode: createDecoder({ app, webhookSecret: settings.app.webhookSecret.reveal() }),
    wakeUps,
    commentOf: commandCommentOf,
    onConversation: () => reporting.kickConversations(),
    owner: `${hostname()}/${process.pid}/${ids.secret(4)}`,
    log,
    concurrency: settings.concurrency,
  });
  const closing = new AbortController();
  const { signal } = closing;
  const housekeeping = keepHouse({
    inbox: store.inbox,
    logs,
    clock,
    log,
    logDays: settings.logDays,
    signal,
  });
  await work.start();
  reporting.start();
  const intake = createIntake({
    secret: settings.app.webhookSecret.reveal(),
    inbox: store.inbox,
    clock,
    log,
    onStored: (repositoryId, event) => work.delivered(repositoryId, event),
  });
  const web = createWebApp({
    store,
    logs,
    clock,
    ids,
    log,
    baseUrl: settings.baseUrl,
    githubUrl: settings.githubUrl,
    openOnLoopback: settings.isOpenOnLoopback,
    sessions: SESSIONS,
    probes: {
      store: () => store.inbox.pending(),
      docker: async () => void (await swarm.info()),
      redis: () => wakeUps.ping(),
    },
  });
  const server = await createServer({
    intake,
    web,
    host: settings.host,
    port: settings.port,
    clock,
    log,
  });
  log.info({ address: server.address, url: settings.baseUrl }, "Skep is ready");
  if (!settings.isOpenOnLoopback) {
    const link = await issueSignInLink({
      sessions: store.sessions,
      settings: SESSIONS,
      clock,
      ids,
      baseUrl: settings.baseUrl,
    });
    // Not through the log: whoever reads logs must not be able to sign in.
    process.stdout.write(`Sign in, once and within the hour: ${link}\n`);
  }

  return {
    async close() {
      closing.abort();
      const closed = new AbortController();
      // What GitHub has not answered by then is looked up at the next start.
      const giveUp = (): void => ending.abort();
      clock.sleep(settings.shutdownMs, closed.signal).then(giveUp, () => undefined);
      await server.close();
      await work.close(settings.shutdownMs, () => source.close());
      await reporting.close();
      closed.abort();
      await housekeeping;
      await logs.close();
      await store.close();
    },
  };
}

function limitsOf(settings: RunSettings): RunLimits {
  const { buildMs, contextBytes, pendingMs, rolloutMs, proveMs } = settings;
  return {
    buildMs,
    contextBytes,
    pendingMs,
    rolloutMs,
    proveMs,
    retryMs: RETRY_MS,
    leaseMs: LEASE_MS,
  };
}
