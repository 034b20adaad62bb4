// Run as a program by tests that end an engine's starter: starts an engine with one service in
// the folder given, prints what a look at the machine shows, and stops when its input closes.
import { text } from "node:stream/consumers";
import Docker from "dockerode";
import { startEngine } from "../../sandbox/engine/engine.ts";
import { BUSYBOX_IMAGE, importBaseImage } from "../../sandbox/image/base-image.ts";
import { lookAround, type Look } from "./look-around.ts";
import { waitUntil } from "./wait-until.ts";

/** A line the program prints: what it saw, or why it could not start the engine. */
export interface Report {
  readonly before?: Look;
  readonly during?: Look;
  readonly after?: Look;
  readonly error?: string;
}

const dir = process.argv[2] ?? "";
const report = (value: Report): unknown => process.stdout.write(`${JSON.stringify(value)}\n`);

try {
  const before = await lookAround();
  const engine = await startEngine({ dir, name: "starter" });
  await importBaseImage(engine);
  const docker = new Docker({ socketPath: engine.socketPath });
  await docker.createService({
    Name: "sleeper",
    TaskTemplate: { ContainerSpec: { Image: BUSYBOX_IMAGE, Command: ["sleep", "1000"] } },
  });
  await waitUntil("the service's container runs", async () => {
    return (await docker.listContainers()).length === 1;
  });
  report({ before, during: await lookAround() });
  await text(process.stdin);
  await engine.stop();
  report({ after: await lookAround() });
} catch (error) {
  report({ error: error instanceof Error ? error.message : String(error) });
}
