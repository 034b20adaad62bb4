import { Readable } from "node:stream";
import { pack } from "tar-stream";
import { afterAll, expect, test } from "vitest";
import { BUSYBOX_IMAGE, NODE_IMAGE } from "../../sandbox/image/base-image.ts";
import { removeServices, sharedDocker, sharedEngine } from "../support/engine.ts";
import { waitUntil } from "../support/wait-until.ts";

const PREFIX = "shared_";

afterAll(() => removeServices(PREFIX));

test("a port that a task publishes on its node is reached at the engine's address", async () => {
  const docker = sharedDocker();
  await docker.createService({
    Name: `${PREFIX}web`,
    TaskTemplate: {
      ContainerSpec: {
        Image: BUSYBOX_IMAGE,
        Command: ["sh", "-c", "mkdir /www; echo hello > /www/index.html; httpd -f -p 80 -h /www"],
        Init: true,
      },
    },
    EndpointSpec: {
      Mode: "dnsrr",
      Ports: [{ Protocol: "tcp", TargetPort: 80, PublishedPort: 8081, PublishMode: "host" }],
    },
  });
  const url = `http://${sharedEngine().address}:8081/`;
  let answer = "";
  await waitUntil("the task answers", async () => {
    answer = await fetch(url).then(
      (response) => response.text(),
      () => "",
    );
    return answer !== "";
  });
  expect(answer).toBe("hello\n");
});

test("a Dockerfile on the Node base image builds with BuildKit, without a registry", async () => {
  const docker = sharedDocker();
  const context = pack();
  context.entry(
    { name: "Dockerfile" },
    [
      `FROM ${NODE_IMAGE}`,
      "WORKDIR /app",
      "COPY . .",
      "RUN node --version > version && id -u node",
      "HEALTHCHECK --interval=1s CMD node -e 'process.exit(0)'",
      "USER node",
      'CMD ["node", "-p", "1"]',
    ].join("\n"),
  );
  context.finalize();
  const events = await docker.buildImage(Readable.from(context), {
    t: `${PREFIX}built:1`,
    version: "2",
  });
  let text = "";
  for await (const chunk of events) text += String(chunk);
  expect(text).not.toContain('"error"');
  const image = await docker.getImage(`${PREFIX}built:1`).inspect();
  expect(image.Config.User).toBe("node");
  await docker.getImage(`${PREFIX}built:1`).remove();
});
