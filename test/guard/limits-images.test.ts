import { describe, expect, it } from "vitest";
import type { GuardRules } from "../../src/guard/rules.ts";
import { refusedKeys, type ServiceChange } from "./drafts.ts";

type Case = [string, ServiceChange, Partial<GuardRules>, string[]];

function limits(change: Partial<GuardRules["limits"]>): Partial<GuardRules> {
  return {
    limits: { nanoCpus: null, memoryBytes: null, replicas: null, services: null, ...change },
  };
}

describe("a limit", () => {
  const resources = (limit: object, reserved: object = {}): ServiceChange => ({
    task: { Resources: { Limits: limit, Reservations: reserved } },
  });
  const mode = (Mode: object): ServiceChange => ({ spec: { Mode } });
  const REPLICAS = ["services.web.deploy.replicas"];
  const RESOURCES = "services.web.deploy.resources";
  it.each<Case>([
    ["cpus: kept", resources({ NanoCPUs: 4e9 }), limits({ nanoCpus: 4e9 }), []],
    ["cpus: none said", {}, limits({ nanoCpus: 4e9 }), [RESOURCES]],
    ["cpus: 0, which is none", resources({ NanoCPUs: 0 }), limits({ nanoCpus: 4e9 }), [RESOURCES]],
    ["cpus: below zero", resources({ NanoCPUs: -1 }), limits({ nanoCpus: 4e9 }), [RESOURCES]],
    [
      "cpus: too many",
      resources({ NanoCPUs: 4e9 + 1 }),
      limits({ nanoCpus: 4e9 }),
      [`${RESOURCES}.limits.cpus`],
    ],
    [
      "memory: too much reserved",
      resources({ MemoryBytes: 8 }, { MemoryBytes: 9 }),
      limits({ memoryBytes: 8 }),
      [`${RESOURCES}.reservations.memory`],
    ],
    ["replicas: one, not said", {}, limits({ replicas: 1 }), []],
    ["replicas: kept", mode({ Replicated: { Replicas: 3 } }), limits({ replicas: 3 }), []],
    [
      "replicas: too many",
      mode({ Replicated: { Replicas: 4 } }),
      limits({ replicas: 3 }),
      REPLICAS,
    ],
    [
      "replicas: of a job",
      mode({ ReplicatedJob: { MaxConcurrent: 4, TotalCompletions: 4 } }),
      limits({ replicas: 3 }),
      REPLICAS,
    ],
    [
      "replicas: of a job, all at once",
      mode({ ReplicatedJob: { MaxConcurrent: 0, TotalCompletions: 99 } }),
      limits({ replicas: 3 }),
      REPLICAS,
    ],
    ["replicas: of a global one", mode({ Global: {} }), limits({ replicas: 1 }), []],
    ["services: too many", {}, limits({ services: 0 }), ["services"]],
    ["services: kept", {}, limits({ services: 1 }), []],
  ])("of %s", (_, change, rules, expected) => {
    expect(refusedKeys(change, rules)).toEqual(expected);
  });
});

describe("an image", () => {
  const KEY = ["services.web.image"];
  it.each<[string, string[], string[]]>([
    ["nginx:1.27", ["*"], []],
    ["nginx:1.27", ["default"], []],
    ["acme/shop:1", ["default/acme"], []],
    ["acme/shop:1", ["default/acme/*"], []],
    ["acme2/shop:1", ["default/acme"], KEY],
    ["nginx", ["default/library"], KEY],
    ["registry.example.com/acme/shop:1", ["registry.example.com"], []],
    ["registry.example.com/acme/shop:1", ["registry.example.com/acme"], []],
    ["REGISTRY.example.com/acme/shop:1", ["registry.example.com/acme"], []],
    [`registry.example.com/acme/shop@sha256:${"a".repeat(64)}`, ["registry.example.com/acme"], []],
    ["registry.example.com/acmeevil/shop:1", ["registry.example.com/acme"], KEY],
    ["registry.example.com.evil.example.com/acme/shop", ["registry.example.com"], KEY],
    ["registry.example.com:5000/acme/shop", ["registry.example.com"], KEY],
    ["registry.example.com:5000/acme/shop", ["registry.example.com:5000"], []],
    ["default/acme/shop", ["default/acme"], KEY],
    ["other.example.com/shop", ["*.example.com"], []],
    ["other.example.com/shop", [], KEY],
    ["localhost/other/shop:0123456789abcdef", ["*"], KEY],
    ["localhost/other/shop:0123456789abcdef", ["local*"], KEY],
    ["localhost/acme/shop:0123456789abcdef", ["localhost/acme"], []],
    ["localhost:5000/shop", ["*"], []],
    [`sha256:${"a".repeat(64)}`, ["*"], KEY],
    ["a".repeat(64), ["*"], KEY],
    ["", [], []],
  ])("%s by %j", (image, registries, expected) => {
    expect(refusedKeys({ container: { Image: image } }, { registries })).toEqual(expected);
  });
});
