// Run as a program by the test of three nodes: opens them, with a container on each, prints what a look at the machine
// shows, and closes them when its input closes.
import { text } from "node:stream/consumers";
import Docker from "dockerode";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { lookAround, type Look } from "./look-around.ts";
import { openThreeNodes } from "./three-nodes.ts";
import { waitUntil } from "./wait-until.ts";

/** A line the program prints. */
export interface Report {
  readonly before?: Look;
  readonly during?: Look;
  /** Where the Swarm keeps its files. */
  readonly dir?: string;
  readonly after?: Look;
}

const report = (value: Report): unknown => process.stdout.write(`${JSON.stringify(value)}\n`);

const before = await lookAround();
const swarm = await openThreeNodes();
await new Docker({ socketPath: swarm.socketPath }).createService({
  Name: "sleeper",
  TaskTemplate: { ContainerSpec: { Image: BUSYBOX_IMAGE, Command: ["sleep", "1000"] } },
  Mode: { Global: {} },
});
for (const { hostname, docker } of swarm.nodes)
  await waitUntil(`a container runs on ${hostname}`, async () => {
    return (await docker.listContainers()).length === 1;
  });
report({ before, during: await lookAround(), dir: swarm.dir });
await text(process.stdin);
await swarm.close();
report({ after: await lookAround() });
