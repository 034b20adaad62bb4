import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

/** A service as the engine holds it; its spec is sent back as it came. */
const service = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  Spec: z.looseObject({
    Name: z.string(),
    TaskTemplate: z.looseObject({ ContainerSpec: z.looseObject({ Image: z.string() }) }),
  }),
  UpdateStatus: z.object({ State: z.string() }).optional(),
});
const tasks = z.array(
  z.object({
    ID: z.string(),
    DesiredState: z.string(),
    Status: z.object({ State: z.string() }),
  }),
);
const buildLine = z.object({ error: z.string().optional() });

/** A service as `service` of `BareDocker` reads it. */
export type BareService = z.infer<typeof service>;

/** The engine's API with nothing in between: the floor that Skep is measured against. */
export interface BareDocker {
  /** Builds and tags an image from a tar archive. */
  build(context: Buffer, tag: string): Promise<void>;
  hasImage(tag: string): Promise<boolean>;
  service(name: string): Promise<BareService>;
  create(spec: BareService["Spec"]): Promise<void>;
  update(service: BareService, image: string): Promise<void>;
  /** The IDs of all tasks that the Swarm remembers. */
  taskIds(name: string): Promise<ReadonlySet<string>>;
  /** Polls until `count` tasks that are not in `before` run. */
  untilRunning(name: string, before: ReadonlySet<string>, count: number): Promise<void>;
  /** Polls until the service's update is over and `count` tasks are all that is left. */
  untilSettled(name: string, count: number): Promise<void>;
}

const POLL_MS = 10;
const DEADLINE_MS = 60_000;

/** A client of the engine at a socket, with connections that are kept. */
export function createBareDocker(socketPath: string): BareDocker {
  const agent = new Agent({ keepAlive: true });

  async function call(method: string, path: string, body?: object | Buffer): Promise<string> {
    const isTar = Buffer.isBuffer(body);
    const bytes = body === undefined || isTar ? body : Buffer.from(JSON.stringify(body));
    const headers = bytes && {
      "content-type": isTar ? "application/x-tar" : "application/json",
      "content-length": bytes.length,
    };
    return new Promise((resolve, reject) => {
      const options = { agent, socketPath, method, path: `/v1.41${path}`, headers: { ...headers } };
      const outgoing = request(options, (answer) => {
        text(answer).then((content) => {
          if ((answer.statusCode ?? 500) < 400) resolve(content);
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${content}`));
        }, reject);
      });
      outgoing.on("error", reject).end(bytes);
    });
  }

  async function listTasks(name: string): Promise<z.infer<typeof tasks>> {
    const filters = encodeURIComponent(JSON.stringify({ service: [name] }));
    return tasks.parse(JSON.parse(await call("GET", `/tasks?filters=${filters}`)));
  }

  async function read(name: string): Promise<BareService> {
    return service.parse(JSON.parse(await call("GET", `/services/${name}`)));
  }

  return {
    async build(context, tag) {
      const path = `/build?version=2&t=${encodeURIComponent(tag)}`;
      for (const line of (await call("POST", path, context)).split("\n")) {
        const { error } = buildLine.parse(line.trim() === "" ? {} : JSON.parse(line));
        if (error !== undefined) throw new Error(`building ${tag}: ${error}`);
      }
    },
    hasImage: (tag) =>
      call("GET", `/images/${tag}/json`).then(
        () => true,
        () => false,
      ),
    service: read,
    create: async (spec) => void (await call("POST", "/services/create", spec)),
    async update({ ID, Version, Spec }, image) {
      const template = Spec.TaskTemplate;
      const ContainerSpec = { ...template.ContainerSpec, Image: image };
      const body = { ...Spec, TaskTemplate: { ...template, ContainerSpec } };
      await call("POST", `/services/${ID}/update?version=${Version.Index}`, body);
    },
    taskIds: async (name) => new Set((await listTasks(name)).map(({ ID }) => ID)),
    untilRunning: (name, before, count) =>
      poll(`${count} new tasks of ${name} run`, async () => {
        const running = (await listTasks(name)).filter(
          (task) =>
            !before.has(task.ID) &&
            task.DesiredState === "running" &&
            task.Status.State === "running",
        );
        return running.length >= count;
      }),
    untilSettled: (name, count) =>
      poll(`${name} is settled`, async () => {
        const { UpdateStatus } = await read(name);
        if ((UpdateStatus?.State ?? "completed") !== "completed") return false;
        const all = await listTasks(name);
        const left = all.filter(({ Status }) => !["shutdown", "failed"].includes(Status.State));
        return left.length === count && left.every(({ Status }) => Status.State === "running");
      }),
  };
}

async function poll(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waiting until ${what}: not so after 60 s`);
    await delay(POLL_MS);
  }
}
