import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal, type Setup, setUp } from "./github-support.ts";

let setup: Setup;
let now: Date;
beforeEach(async () => {
  now = new Date();
  setup = await setUp({ now: () => now });
});
afterEach(() => setup.close());

async function push(file: string): Promise<string> {
  const { sha } = await setup.github.pushFiles({ ...setup.name, files: { [file]: file } });
  await setup.github.idle();
  return sha;
}

function pushes() {
  return setup.receiver.received.filter((one) => one.event === "push");
}

function arrived(): unknown[] {
  return pushes().map((one) => one.payload.after);
}

async function release(order?: Parameters<Setup["github"]["releaseDeliveries"]>[0]) {
  const count = setup.github.releaseDeliveries(order);
  await setup.github.idle();
  return count;
}

const onlyPush = { events: ["push"] };

describe("the list of deliveries", () => {
  const list = async (
    options: { status?: "success" | "failure"; per_page?: number; cursor?: string } = {},
  ) => (await setup.octokit.rest.apps.listWebhookDeliveries(options)).data;

  it("does not know what has not been tried yet, and puts the newest attempt first", async () => {
    setup.github.setDeliveryMode({ ...onlyPush, hold: true });
    await push("a");
    const held = setup.github.deliveries.find((one) => one.statusCode === 0)?.id ?? 0;
    expect(held).toBeGreaterThan(0);
    expect((await list()).map((one) => one.id)).not.toContain(held);
    const { rest } = setup.octokit;
    const gone = await Promise.all([
      refusal(rest.apps.getWebhookDelivery({ delivery_id: held })),
      refusal(rest.apps.redeliverWebhookDelivery({ delivery_id: held })),
    ]);
    expect(gone.map(({ status }) => status)).toEqual([404, 404]);
    now = new Date(now.getTime() + 5000);
    await release();
    expect((await list())[0]).toMatchObject({ id: held, event: "push", status_code: 200 });
    expect(setup.github.problems()).toEqual([]);
  });

  it("is divided by success and failure", async () => {
    await push("a");
    setup.receiver.answer(500);
    await push("b");
    const codes = async (status: "success" | "failure") => [
      ...new Set((await list({ status })).map((one) => one.status_code)),
    ];
    expect(await codes("success")).toEqual([200]);
    expect(await codes("failure")).toEqual([500]);
  });

  it("goes on from a cursor while new deliveries come, and refuses one of its own making", async () => {
    for (const file of ["a", "b", "c"]) await push(file);
    const first = await list({ per_page: 2 });
    await push("d");
    const cursor = `v1_${first.at(-1)?.id}`;
    const second = await list({ per_page: 2, cursor });
    const all = (await list()).map((one) => one.id);
    const at = all.indexOf(first.at(-1)?.id ?? 0);
    expect(second.map((one) => one.id)).toEqual(all.slice(at + 1, at + 3));
    expect((await refusal(list({ cursor: "v1_1" }))).status).toBe(422);
  });

  it("forgets after three days, as GitHub does", async () => {
    const today = now;
    now = new Date(today.getTime() - 3 * 24 * 3_600_000 - 1000);
    await push("a");
    now = today;
    const old = setup.github.deliveries.findLast((one) => one.event === "push")?.id ?? 0;
    expect((await list()).map((one) => one.id)).not.toContain(old);
    const again = setup.octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: old });
    expect((await refusal(again)).status).toBe(404);
  });

  it("is for the App alone", async () => {
    const { token } = setup.github.addUser({ login: "octo" });
    const response = await fetch(`${setup.github.apiUrl}/app/hook/deliveries`, {
      headers: { authorization: `token ${token}` },
    });
    expect(response.status).toBe(401);
  });
});

describe("a redelivery", () => {
  it("has a new id, the old GUID, the old bytes and today's signature", async () => {
    await push("a");
    const { rest } = setup.octokit;
    const old = setup.github.deliveries.findLast((one) => one.event === "push");
    await rest.apps.updateWebhookConfigForApp({ secret: "another" });
    await rest.apps.redeliverWebhookDelivery({ delivery_id: old?.id ?? 0 });
    await setup.github.idle();
    const [first, second] = pushes();
    expect(second?.guid).toBe(first?.guid);
    expect(second?.payload).toEqual(first?.payload);
    // The receiver knows the first secret only.
    expect([first?.isSigned, second?.isSigned]).toEqual([true, false]);
    const [newest] = (await rest.apps.listWebhookDeliveries()).data;
    expect(newest).toMatchObject({ guid: old?.guid, redelivery: true });
    expect(newest?.id).toBeGreaterThan(old?.id ?? Infinity);
  });
});

describe("on demand, deliveries", () => {
  it("come once more exactly as they were", async () => {
    await push("a");
    const id = setup.github.deliveries.findLast((one) => one.event === "push")?.id ?? 0;
    const known = setup.github.deliveries.length;
    expect(setup.github.repeatDelivery(id)).toBe(true);
    await setup.github.idle();
    expect(pushes().map((one) => one.guid)).toEqual([pushes()[0]?.guid, pushes()[0]?.guid]);
    expect(setup.github.deliveries).toHaveLength(known);
    expect(setup.github.repeatDelivery(1)).toBe(false);
  });

  it("are held until they are released, without holding up anybody who waits", async () => {
    setup.github.setDeliveryMode({ ...onlyPush, hold: true });
    const sent = [await push("a"), await push("b")];
    expect(arrived()).toEqual([]);
    setup.github.setDeliveryMode({});
    sent.unshift(await push("c"));
    expect(await release()).toBe(2);
    expect(arrived()).toEqual(sent);
    expect(await release()).toBe(0);
  });

  it("are released in another order", async () => {
    setup.github.setDeliveryMode({ ...onlyPush, hold: true });
    const sent: string[] = [];
    for (const file of ["a", "b", "c", "d"]) sent.push(await push(file));
    await release({ order: "reversed" });
    expect(arrived()).toEqual(sent.toReversed());
  });

  it("are shuffled the same way by the same seed", async () => {
    const shuffled = async () => {
      setup.receiver.received.length = 0;
      setup.github.setDeliveryMode({ ...onlyPush, hold: true });
      const sent: string[] = [];
      for (const file of ["a", "b", "c", "d", "e"])
        sent.push(await push(`${file}${performance.now()}`));
      await release({ order: "shuffled", seed: 7 });
      expect(new Set(arrived())).toEqual(new Set(sent));
      return arrived().map((sha) => sent.indexOf(String(sha)));
    };
    const order = await shuffled();
    expect(order).not.toEqual([0, 1, 2, 3, 4]);
    expect(await shuffled()).toEqual(order);
  });

  it("are touched only so often, and only of one action", async () => {
    setup.github.setDeliveryMode({ ...onlyPush, drop: true, times: 1 });
    await push("a");
    const second = await push("b");
    expect(arrived()).toEqual([second]);
    setup.receiver.received.length = 0;
    setup.github.setDeliveryMode({ events: ["release"], actions: ["published"], drop: true });
    await setup.github.createRelease({ ...setup.name, tag: "v1" });
    await setup.github.idle();
    const actions = setup.receiver.received
      .filter((one) => one.event === "release")
      .map((one) => one.payload.action);
    expect(new Set(actions)).toEqual(new Set(["created", "released"]));
  });

  it("obey another process", async () => {
    const call = async (path: string, body: object): Promise<unknown> => {
      const options = { method: "POST", body: JSON.stringify(body) };
      const response = await fetch(`${setup.github.url}/_local/${path}`, options);
      return response.json();
    };
    await call("delivery-mode", { ...onlyPush, hold: true });
    await call("tags", { ...setup.name, name: "v1.0.0", repo: "web" });
    const sha = await push("a");
    expect(await call("release-deliveries", { order: "reversed" })).toEqual({ count: 2 });
    await setup.github.idle();
    expect(arrived()).toEqual([sha, setup.sha]);
    const id = setup.github.deliveries.findLast((one) => one.event === "push")?.id;
    expect(await call("repeat", { id })).toEqual({ found: true });
  });
});

describe("the page of deliveries", () => {
  const path = () => `${setup.github.url}/settings/deliveries`;
  const show = async (more = "") => (await fetch(path() + more)).text();
  const press = async (button: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${path()}/${button}`, {
      method: "POST",
      redirect: "manual",
      headers,
    });
    await setup.github.idle();
    return response.status;
  };

  it("shows what was sent and answered, hostile text as text, and sends it again", async () => {
    await setup.github.pushFiles({ ...setup.name, files: { a: "a" }, message: "<b>bold</b>" });
    await setup.github.idle();
    const { id, guid } = setup.github.deliveries.findLast((one) => one.event === "push") ?? {
      id: 0,
      guid: "",
    };
    expect(await show()).toContain(guid);
    const html = await show(`/${id}`);
    expect(html).toContain("&lt;b&gt;bold&lt;/b&gt;");
    expect(html).toContain("X-Hub-Signature-256");
    expect([await press(`${id}/redeliver`), await press(`${id}/repeat`)]).toEqual([303, 303]);
    expect(pushes().map((one) => one.guid)).toEqual([guid, guid, guid]);
    expect(await press("1/redeliver")).toBe(404);
    expect(await press("hold", { origin: "http://evil.test" })).toBe(403);
  });

  it("holds what comes until it is let go", async () => {
    await press("hold");
    const sent = [await push("a"), await push("b")];
    expect(arrived()).toEqual([]);
    expect(await show()).toContain("Send what is held");
    await press("reversed");
    expect(arrived()).toEqual(sent.toReversed());
    await push("c");
    expect(arrived()).toHaveLength(3);
  });
});
