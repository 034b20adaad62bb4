import { text } from "node:stream/consumers";
import Docker from "dockerode";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import type { SwarmNode, ThreeNodes } from "./three-nodes.ts";

/** What of a node is set. */
interface ToSet {
  readonly Availability?: "active" | "drain";
  readonly Labels?: Readonly<Record<string, string>>;
}

/** What `docker node update` does. */
export async function updateNode(
  { socketPath }: Pick<ThreeNodes, "socketPath">,
  { id }: SwarmNode,
  changes: ToSet,
): Promise<void> {
  const node = new Docker({ socketPath }).getNode(id);
  const { Version, Spec } = await node.inspect();
  const changed: object = { version: Version.Index, ...Spec, ...changes };
  await node.update(changed);
}

/** Gives some of the nodes an image that no registry has. */
export async function tagOn(nodes: readonly SwarmNode[], image: string): Promise<void> {
  const [repo = "", tag = ""] = image.split(":");
  for (const { docker } of nodes) await docker.getImage(BUSYBOX_IMAGE).tag({ repo, tag });
}

/** What the engine says to a pull; it may begin with an answer before it asks the registry. */
export async function pullWithoutLogin({ docker }: SwarmNode, image: string): Promise<string> {
  return docker.pull(image).then(text, String);
}
