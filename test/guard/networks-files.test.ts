import { describe, expect, it } from "vitest";
import type { GuardRules } from "../../src/guard/rules.ts";
import type { ReleaseFile, StackDraft } from "../../src/release.ts";
import type { FileSpec, NetworkSpec } from "../../src/swarm-objects.ts";
import { aDraft, findings, refusedKeys } from "./drafts.ts";

const LABELS = { "com.docker.stack.namespace": "shop" };

function keysOf(draft: StackDraft, rules: Partial<GuardRules> = {}): string[] {
  return findings(draft, rules).map(({ key }) => key);
}

describe("a network that is joined", () => {
  const KEY = ["services.web.networks"];
  it.each<[string, Partial<GuardRules>, string[]]>([
    ["shop_default", { networks: [] }, []],
    ["proxy", {}, []],
    ["proxy", { networks: ["proxy"] }, []],
    ["proxy2", { networks: ["proxy"] }, KEY],
    ["proxy", { networks: [] }, KEY],
    ["shop_secret", { networks: [] }, KEY],
    ["host", {}, KEY],
    ["host", { networks: ["*", "host"] }, KEY],
    ["host", { hostNetwork: true }, []],
    ["none", {}, KEY],
    ["none", { networks: ["none"] }, []],
    ["bridge", {}, KEY],
    ["default", {}, KEY],
    ["ingress", {}, KEY],
    ["docker_gwbridge", {}, KEY],
    ["container:abc", {}, KEY],
    ["container:abc", { networks: ["container:abc"] }, KEY],
    // An ID is taken where a name is: this could be any network.
    ["k2vmm0sbqsyuoxlnkl5zhkgqt", {}, KEY],
    ["a".repeat(64), {}, KEY],
  ])("%s by %j", (name, rules, expected) => {
    const change = { task: { Networks: [{ Target: name }] } };
    expect(refusedKeys(change, rules)).toEqual(expected);
  });

  it.each([
    ["com.docker.network.endpoint.ifname", []],
    ["com.docker.network.endpoint.sysctls", KEY],
  ])("with the option %s", (option, expected) => {
    const Networks = [{ Target: "proxy", DriverOpts: { [option]: "x" } }];
    expect(refusedKeys({ task: { Networks } })).toEqual(expected);
  });
});

describe("a network that is made", () => {
  function made(change: object): StackDraft {
    const [network] = aDraft().networks;
    if (network === undefined) throw new Error("the draft has no network");
    const all: NetworkSpec = { ...network, Name: "shop_db", ...change };
    return aDraft({}, { networks: [network, all] });
  }

  it.each<[object, Partial<GuardRules>, string[]]>([
    [{}, {}, []],
    [{ Name: "proxy" }, {}, []],
    [{ Name: "proxy" }, { networks: [] }, ["networks"]],
    [{ Name: "host" }, {}, ["networks"]],
    [{ Driver: "macvlan" }, {}, ["networks.db"]],
    [{ Driver: "" }, {}, ["networks.db"]],
    [{ Driver: "weave" }, { networkDrivers: ["overlay", "weave"] }, []],
    [{ Options: { encrypted: "" } }, {}, []],
    [
      { Options: { "com.docker.network.driver.overlay.vxlanid_list": "4097" } },
      {},
      ["networks.db.driver_opts.com.docker.network.driver.overlay.vxlanid_list"],
    ],
    [{ Ingress: true }, {}, ["networks.db"]],
    [{ ConfigOnly: true }, {}, ["networks.db"]],
    [{ ConfigFrom: { Network: "x" } }, {}, ["networks.db"]],
    [{ Scope: "local" }, {}, ["networks.db"]],
    [{ Scope: "swarm" }, {}, []],
    [{ IPAM: { Driver: "default", Config: [{ Subnet: "10.9.0.0/24" }] } }, {}, []],
    [{ IPAM: { Driver: "dhcp", Config: null } }, {}, ["networks.db"]],
    [{ IPAM: { Driver: "default", Config: null, Options: { a: "b" } } }, {}, ["networks.db"]],
    [{ IPAM: { Driver: "", Config: [{ Gateway: "10.9.0.1" }] } }, {}, ["networks.db"]],
    [{ EnableIPv6: true }, {}, ["networks.db"]],
    [{ Labels: {} }, {}, ["networks.db"]],
    [{ Labels: { "com.docker.stack.namespace": "other" } }, {}, ["networks.db"]],
  ])("with %j by %j", (change, rules, expected) => {
    expect(keysOf(made(change), rules)).toEqual(expected);
  });
});

describe.each(["configs", "secrets"] as const)("one of the %s", (kind) => {
  const isSecret = kind === "secrets";

  function file(name: string, change: Partial<FileSpec> = {}): ReleaseFile {
    const spec = { Name: name, Labels: LABELS, ...change };
    return { key: "key", cliName: name, contentKey: "00", path: "key", bytes: 1, spec };
  }

  function reading(name: string, own: readonly ReleaseFile[] = []): StackDraft {
    const reference = { [isSecret ? "SecretName" : "ConfigName"]: name };
    const File = { Name: "key", UID: "0", GID: "0", Mode: 292 };
    const list = [{ File, ...reference }];
    const container = isSecret ? { Secrets: list } : { Configs: list };
    return aDraft({ container }, { [kind]: own });
  }

  const OF_SERVICE = [`services.web.${kind}`];
  it.each<[string, string[], string[]]>([
    ["shop_key", ["shop_key"], []],
    ["tls", [], OF_SERVICE],
    ["shop_key", [], OF_SERVICE],
    ["shop_ke", ["shop_key"], OF_SERVICE],
  ])("called %s is read where %j are made", (name, own, expected) => {
    expect(
      keysOf(
        reading(
          name,
          own.map((each) => file(each)),
        ),
      ),
    ).toEqual(expected);
  });

  it("of others is read by a rule for its kind only", () => {
    const [own, other] = isSecret
      ? (["secrets", "configs"] as const)
      : (["configs", "secrets"] as const);
    expect(keysOf(reading("tls-shop"), { [own]: ["tls-*"] })).toEqual([]);
    expect(keysOf(reading("tls-shop"), { [other]: ["tls-*"] })).toEqual(OF_SERVICE);
    expect(keysOf(reading("xtls-shop"), { [own]: ["tls-*"] })).toEqual(OF_SERVICE);
  });

  it.each<[string, Partial<FileSpec>, Partial<GuardRules>, string[]]>([
    ["shop_key", {}, {}, []],
    ["tls", {}, {}, [`${kind}.key`]],
    ["shop", {}, {}, [`${kind}.key`]],
    ["tls", {}, { [kind]: ["tls"] }, []],
    ["shop_key", { Labels: {} }, {}, [`${kind}.key`]],
    ["shop_key", { Templating: { Name: "golang" } }, {}, []],
    ["shop_key", { Templating: { Name: "other" } }, {}, [`${kind}.key`]],
    ["shop_key", { Driver: { Name: "vault" } }, {}, [`${kind}.key`]],
    ["shop_key", { Driver: { Name: "vault" } }, { secretDrivers: ["vault"] }, []],
  ])("is made as %s with %j by %j", (name, change, rules, expected) => {
    expect(keysOf(aDraft({}, { [kind]: [file(name, change)] }), rules)).toEqual(expected);
  });
});
