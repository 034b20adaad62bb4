import { join } from "node:path";
import Docker from "dockerode";
import { type Engine, startNode, swarmAt } from "../../sandbox/engine/engine.ts";
import { type Hub, startHub } from "../../sandbox/engine/hub.ts";
import { importBaseImage } from "../../sandbox/image/base-image.ts";
import { makeTempDir } from "./temp-dir.ts";
import { waitUntil } from "./wait-until.ts";

/** So that a node that is away is noticed after some 4 s; Docker's own choice is five times that. */
const HEARTBEAT_NS = 1_000_000_000;
const PLACES = [1, 2, 3] as const;

/** A node of the Swarm, as if it were a machine of its own. */
export interface SwarmNode {
  /** The Swarm's ID of it. */
  readonly id: string;
  readonly hostname: string;
  readonly socketPath: string;
  /** Where this machine reaches the ports that its tasks publish with `mode: host`. */
  readonly address: string;
  /** A client of its engine. */
  readonly docker: Docker;
  /** Cuts its power: engine and containers are gone at once, its disk stays. */
  kill(): Promise<void>;
  /** Starts it again after `kill`; resolves when the manager calls it ready. */
  restart(): Promise<void>;
  /** Cuts its network link; its containers go on. Its socket is reached all the same. */
  partition(): Promise<void>;
  /** Mends its link; resolves when the manager calls it ready. */
  heal(): Promise<void>;
}

/** A Swarm of one manager and two workers, each with both base images. */
export interface ThreeNodes {
  /** Holds all of its files: `engine-1/dockerd.log` and so on. */
  readonly dir: string;
  /** Of the manager's engine. */
  readonly socketPath: string;
  /** The manager first. */
  readonly nodes: readonly [SwarmNode, SwarmNode, SwarmNode];
  /** This machine as the nodes reach it; they trust a registry here on any port, without TLS. */
  readonly address: string;
  /** Ends it all: no process, mount, namespace, link or file is left. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts a Swarm of three engines that share nothing but a network. It ends with this process, however that ends. The
 * machine's kernel may know no IPVS: let services use `endpoint_mode: dnsrr` and publish with `mode: host`.
 */
export async function openThreeNodes(): Promise<ThreeNodes> {
  const temp = await makeTempDir();
  const hub = await startHub(temp.path);
  const engines = new Map<number, Engine>();
  const close = async (): Promise<void> => {
    await Promise.all([...engines.values()].map((engine) => engine.stop()));
    await hub.stop();
    await temp.remove();
  };
  const start = async (place: (typeof PLACES)[number]): Promise<Engine> => {
    const data = join(hub.dir, `data-${place}`);
    const dir = join(hub.dir, `engine-${place}`);
    const engine = await startNode({ dir, data, hub, place, name: `node-${place}` });
    engines.set(place, engine);
    return engine;
  };
  try {
    const started = await Promise.allSettled(PLACES.map(start));
    for (const result of started) if (result.status === "rejected") throw result.reason;
    await Promise.all([...engines.values()].map(importBaseImage));
    await joinAll(PLACES.map((place) => findEngine(engines, place)));
    const manager = findEngine(engines, 1).socketPath;
    const node = (place: (typeof PLACES)[number]) => createNode({ engines, start, hub, place });
    const nodes = await Promise.all([node(1), node(2), node(3)]);
    return { dir: hub.dir, socketPath: manager, nodes, address: hub.address, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function findEngine(engines: ReadonlyMap<number, Engine>, place: number): Engine {
  const engine = engines.get(place);
  if (engine === undefined) throw new Error(`node-${place} was never started`);
  return engine;
}

async function joinAll([first, ...others]: readonly Engine[]): Promise<void> {
  if (first === undefined) throw new Error("there is no engine to manage the Swarm");
  const manager = new Docker({ socketPath: first.socketPath });
  const Spec = { Dispatcher: { HeartbeatPeriod: HEARTBEAT_NS } };
  await manager.swarmInit({ ...swarmAt(first.address), Spec });
  const { JoinTokens } = await manager.swarmInspect();
  await Promise.all(
    others.map(({ socketPath, address }) =>
      new Docker({ socketPath }).swarmJoin({
        ListenAddr: `${address}:2377`,
        AdvertiseAddr: address,
        RemoteAddrs: [`${first.address}:2377`],
        JoinToken: JoinTokens.Worker,
      }),
    ),
  );
}

async function createNode(of: {
  readonly engines: ReadonlyMap<number, Engine>;
  readonly start: (place: 1 | 2 | 3) => Promise<Engine>;
  readonly hub: Hub;
  readonly place: 1 | 2 | 3;
}): Promise<SwarmNode> {
  const { engines, start, hub, place } = of;
  const { socketPath, address, name } = findEngine(engines, place);
  const docker = new Docker({ socketPath });
  const manager = new Docker({ socketPath: findEngine(engines, 1).socketPath });
  const { Swarm } = await docker.info();
  const id: string = Swarm.NodeID;
  const untilReady = (): Promise<void> =>
    waitUntil(`${name} is ready`, async () => {
      // The manager may not have noticed yet that it was away.
      const isActive = (await docker.info()).Swarm.LocalNodeState === "active";
      return isActive && (await isReady(manager, id));
    });
  await untilReady();
  return {
    id,
    hostname: name,
    socketPath,
    address,
    docker,
    kill: () => findEngine(engines, place).stop(),
    async restart() {
      await start(place);
      await untilReady();
    },
    partition: () => hub.setLink(place, "down"),
    async heal() {
      await hub.setLink(place, "up");
      await untilReady();
    },
  };
}

/** Whether the manager sees the node; not so while the manager has just started and knows nobody yet. */
async function isReady(manager: Docker, id: string): Promise<boolean> {
  const node = await manager
    .getNode(id)
    .inspect()
    .catch(() => null);
  return node?.Status?.State === "ready";
}
