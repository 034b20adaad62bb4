import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LiveCluster, LiveFile, LiveNetwork } from "../../../src/deployer/ports.ts";
import type { ReleaseFile, ReleaseStack } from "../../../src/release.ts";
import { contentKeyOf } from "../../../src/stack/content-key.ts";
import type { FileSpec, NetworkSpec, ServiceSpec } from "../../../src/swarm-objects.ts";
import { aNode, aLiveService, SERVER_KEY } from "./stacks.ts";

/** Objects by full name, as the CLI sent them. */
interface Sent {
  readonly services: Readonly<Record<string, ServiceSpec>>;
  readonly networks: Readonly<Record<string, NetworkSpec>>;
  readonly configs: Readonly<Record<string, FileSpec>>;
  readonly secrets: Readonly<Record<string, FileSpec>>;
}

/** The same as an engine 20.10 answered with them, references by name. */
interface Stored extends Omit<Sent, "networks"> {
  readonly networks: Readonly<Record<string, StoredNetwork>>;
}

interface StoredNetwork extends Omit<NetworkSpec, "IPAM"> {
  readonly IPAM: { readonly Config: "auto" | readonly { readonly Subnet: string }[] };
}

/** The stack's name in all recorded results. */
export const RECORDED_STACK = "cx-s";

/** What was sent and what was stored for one stack file. */
export interface RecordedStack {
  readonly name: string;
  readonly sent: Sent;
  readonly stored: Stored;
}

/** All recorded stacks of which both forms are there. */
export function readRecorded(sentFolder: string, storedFolder: string): readonly RecordedStack[] {
  return readdirSync(sentFolder)
    .filter((file) => file.endsWith(".wire.json"))
    .map((file) => file.slice(0, -".wire.json".length))
    .filter((name) => existsSync(join(storedFolder, `${name}.json`)))
    .toSorted()
    .map((name) => {
      const sent: Sent = JSON.parse(readFileSync(join(sentFolder, `${name}.wire.json`), "utf8"));
      const stored: Stored = JSON.parse(readFileSync(join(storedFolder, `${name}.json`), "utf8"));
      return { name, sent, stored };
    });
}

/** What was sent as a release. */
export function releaseOf({ services, networks, configs, secrets }: Sent): ReleaseStack {
  return {
    services: Object.values(services).map((spec) => ({
      key: spec.Name.slice(RECORDED_STACK.length + 1),
      spec,
      image: {
        reference: spec.TaskTemplate.ContainerSpec.Image,
        buildKey: null,
        digest: null,
        imageId: null,
        platforms: null,
      },
      dependsOn: [],
    })),
    networks: Object.values(networks),
    configs: Object.values(configs).map(releaseFile),
    secrets: Object.values(secrets).map(releaseFile),
    external: { networks: [], configs: [], secrets: [] },
  };
}

function releaseFile({ Data, ...spec }: FileSpec): ReleaseFile {
  const data = Data === undefined ? null : Buffer.from(Data, "base64");
  const content = { data, templating: spec.Templating?.Name ?? null, driver: spec.Driver ?? null };
  return {
    key: spec.Name,
    cliName: spec.Name,
    contentKey: contentKeyOf(SERVER_KEY, content),
    path: "file",
    bytes: data?.length ?? 0,
    spec,
  };
}

/** What was stored as the Swarm. */
export function clusterOf({ services, networks, configs, secrets }: Stored): LiveCluster {
  return {
    services: Object.values(services).map((spec) => aLiveService(spec)),
    networks: Object.values(networks).map(liveNetwork),
    configs: Object.values(configs).map((spec) => liveFile(spec)),
    secrets: Object.values(secrets).map((spec) => liveFile(spec)),
    nodes: [aNode()],
    volumes: [],
  };
}

function liveNetwork(stored: StoredNetwork): LiveNetwork {
  const { Config } = stored.IPAM;
  return {
    id: stored.Name,
    name: stored.Name,
    driver: stored.Driver,
    labels: stored.Labels,
    options: { ...stored.Options, "com.docker.network.driver.overlay.vxlanid_list": "4097" },
    isInternal: stored.Internal,
    isAttachable: stored.Attachable,
    isIngress: false,
    subnets: Config === "auto" ? ["10.0.1.0/24"] : Config.map(({ Subnet }) => Subnet),
  };
}

function liveFile({ Name, Labels, Data, Templating }: FileSpec): LiveFile {
  return {
    id: Name,
    version: 1,
    name: Name,
    labels: Labels,
    data: Data === undefined ? null : Buffer.from(Data, "base64"),
    templating: Templating?.Name ?? null,
  };
}
