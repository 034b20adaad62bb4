import Docker from "dockerode";
import type { Engine } from "../engine/engine.ts";
import { packRoot } from "./pack-root.ts";
import { listBusyboxFiles, listNodeFiles, type RootFile } from "./root-files.ts";

/** A shell with busybox's tools, its web server among them; for tests that need no more. */
export const BUSYBOX_IMAGE = "localhost/skep-sandbox/busybox:1";

/** Node 24 and a shell: what the sandbox's sample and proxy are built from. */
export const NODE_IMAGE = "localhost/skep-sandbox/node:24";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Loads both base images into a private engine, made from this machine's own busybox, Node and
 * libraries; no registry takes part.
 */
export async function importBaseImage(engine: Pick<Engine, "socketPath">): Promise<void> {
  const docker = new Docker({ socketPath: engine.socketPath });
  const [shell, node] = await Promise.all([listBusyboxFiles(), listNodeFiles()]);
  await Promise.all([
    importImage(docker, BUSYBOX_IMAGE, shell, 'CMD ["/bin/sh"]'),
    importImage(docker, NODE_IMAGE, [...shell, ...node], 'CMD ["node"]'),
  ]);
}

/** Loads files as an image of one layer; `changes` are more lines of a Dockerfile, such as `CMD`. */
export async function importImage(
  docker: Docker,
  name: string,
  files: readonly RootFile[],
  changes: string,
): Promise<void> {
  const separator = name.lastIndexOf(":");
  const answer = await docker.importImage(packRoot(files), {
    repo: name.slice(0, separator),
    tag: name.slice(separator + 1),
    changes: `ENV PATH=${PATH}\n${changes}`,
  });
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  const error = /"error":\s*("(?:[^"\\]|\\.)*")/u.exec(text)?.[1];
  if (error !== undefined) throw new Error(`importing the image ${name}: ${JSON.parse(error)}`);
}
