import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { sharedDocker } from "../support/engine.ts";
import { openProduct, type Product } from "../support/product.ts";
import { quickService, stackFiles } from "../support/stack-files.ts";
import { configsOf, identityOf, lookAtStack, removeStack } from "../support/stack-look.ts";

const NAME = "stack-config";
const STACK = `${NAME}-production`;

let product: Product;

beforeAll(async () => {
  product = await openProduct();
  await product.start();
});

afterEach(async () => {
  await removeStack(STACK);
  expect(product.problems()).toEqual([]);
});

afterAll(() => product.close());

/** Name → ID of the versions of the one config. */
async function versions(): Promise<ReadonlyMap<string, string>> {
  const all = [...(await configsOf(STACK))].filter(([name]) => name.includes("_settings"));
  return new Map(all);
}

async function contentOf(id: string | undefined): Promise<string> {
  const { Spec } = await sharedDocker()
    .getConfig(id ?? "")
    .inspect();
  return Buffer.from(Spec?.Data ?? "", "base64").toString();
}

test("a new content of a config is a new config for its users alone, and a rollback runs with the old one", async () => {
  const app = await product.app(NAME, NAME);
  const stack = {
    services: {
      web: quickService({ configs: [{ source: "settings", target: "/etc/web.txt" }] }),
      other: quickService(),
    },
    configs: { settings: { file: "settings.txt" } },
  };
  const path = "deploy/settings.txt";
  const first = await app.push(stackFiles(stack, { [path]: "one\n" }));
  const started = await app.finished(first);
  expect(started.conclusion, started.summary ?? "").toBe("success");
  const before = await lookAtStack(STACK);
  const [[oldName, oldId] = ["", ""], ...others] = await versions();
  expect(others).toEqual([]);
  expect(oldName).toMatch(/^stack-config-production_settings_[0-9a-f]{12}$/);
  expect(before["web"]?.configs).toEqual([oldName]);

  const second = await app.push({ [path]: "two\n" });
  const run = await app.finished(second);
  expect(run.conclusion, run.summary ?? "").toBe("success");
  const after = await lookAtStack(STACK);
  const [newName = ""] = after["web"]?.configs ?? [];
  expect(newName).not.toBe(oldName);
  const kept = await versions();
  expect([...kept.keys()].toSorted()).toEqual([oldName, newName].toSorted());
  expect(kept.get(oldName)).toBe(oldId);
  expect(await contentOf(kept.get(newName))).toBe("two\n");
  expect(after["web"]?.deployment).toBe(app.records().at(-1)?.id);
  expect(identityOf(after["other"])).toEqual(identityOf(before["other"]));

  expect(run.actions.map(({ identifier }) => identifier)).toEqual(["roll_back"]);
  app.press(run, { identifier: "roll_back" });
  const back = await app.finished(first, { count: 2 });
  expect(back.conclusion, back.summary ?? "").toBe("success");
  const now = await lookAtStack(STACK);
  expect(now["web"]?.configs).toEqual([oldName]);
  // The same objects as before, by their IDs.
  expect(await versions()).toEqual(kept);
  expect(identityOf(now["other"])).toEqual(identityOf(before["other"]));
});
