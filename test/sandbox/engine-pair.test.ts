import Docker from "dockerode";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Engine, startEngine } from "../../sandbox/engine/engine.ts";
import { BUSYBOX_IMAGE, importBaseImage } from "../../sandbox/image/base-image.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";

const PORT = 8088;

async function startWeb(engine: Engine): Promise<void> {
  await importBaseImage(engine);
  const script = `mkdir /www; echo ${engine.name} > /www/index.html; httpd -f -p 80 -h /www`;
  await new Docker({ socketPath: engine.socketPath }).createService({
    Name: "web",
    TaskTemplate: {
      ContainerSpec: { Image: BUSYBOX_IMAGE, Command: ["sh", "-c", script] },
    },
    EndpointSpec: {
      Mode: "dnsrr",
      Ports: [{ Protocol: "tcp", TargetPort: 80, PublishedPort: PORT, PublishMode: "host" }],
    },
  });
  await waitUntil(`${engine.name} answers`, async () => (await ask(engine)) !== undefined);
}

async function ask(engine: Engine): Promise<string | undefined> {
  return fetch(`http://${engine.address}:${PORT}/`).then(
    (response) => response.text(),
    () => undefined,
  );
}

test("two engines run side by side with the same names and ports, and end apart", async () => {
  const root = await makeTempDir();
  const options = (name: string) => ({ dir: join(root.path, name), name });
  const [left, right] = await Promise.all([
    startEngine(options("left")),
    startEngine(options("right")),
  ]);
  try {
    await Promise.all([startWeb(left), startWeb(right)]);
    expect([await ask(left), await ask(right)]).toEqual(["left\n", "right\n"]);
    await left.stop();
    // What answers at an address that is free again is not ours to say.
    expect(await ask(left)).not.toBe("left\n");
    expect(await ask(right)).toBe("right\n");
    await left.stop();
  } finally {
    await Promise.all([left.stop(), right.stop()]);
    await root.remove();
  }
});
