import { expect, it } from "vitest";
import { foldersToMake } from "../../src/guard/made-folders.ts";
import { DEFAULT_RULES, type AllowedBind } from "../../src/guard/rules.ts";
import type { MountSpec, ServiceSpec } from "../../src/swarm-objects.ts";

function bind(path: string, change: Partial<AllowedBind> = {}): AllowedBind {
  return { path, hasSubfolders: false, isReadOnly: false, isCreated: true, ...change };
}

function specWith(...mounts: readonly MountSpec[]): ServiceSpec {
  return {
    Name: "shop_web",
    Labels: {},
    TaskTemplate: {
      ContainerSpec: {
        Image: "img:1",
        Labels: {},
        Mounts: mounts,
        Privileges: { CredentialSpec: null, SELinuxContext: null },
      },
      Resources: {},
      Placement: {},
      ForceUpdate: 0,
    },
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: {},
  };
}

function local(options: Readonly<Record<string, string>>): MountSpec {
  const DriverConfig = { Name: "local", Options: options };
  return { Type: "volume", Source: "shop_data", Target: "/b", VolumeOptions: { DriverConfig } };
}

function made(mounts: readonly MountSpec[], ...allowed: readonly AllowedBind[]) {
  return foldersToMake([specWith(...mounts)], { ...DEFAULT_RULES, bindMounts: allowed });
}

const SHOP: MountSpec = { Type: "bind", Source: "/srv/shop/../shop/", Target: "/a" };

it("are those that the operator wants made, each once", () => {
  const folder = local({ type: "none", o: "bind", device: "/srv/data" });
  expect(made([SHOP, SHOP, folder], bind("/srv/shop"), bind("/srv/data"))).toEqual([
    "/srv/shop",
    "/srv/data",
  ]);
});

it("are none that the operator only allows, and none within a folder that he does not have made", () => {
  expect(made([SHOP], bind("/srv/shop", { isCreated: false }))).toEqual([]);
  expect(made([SHOP], bind("/srv"))).toEqual([]);
  expect(made([SHOP], bind("/srv", { hasSubfolders: true }))).toEqual(["/srv/shop"]);
});

it("are never shares of other servers, nor volumes", () => {
  const share = local({ type: "nfs", o: "addr=10.0.0.9", device: ":/srv/shop" });
  const volume: MountSpec = { Type: "volume", Source: "shop_data", Target: "/a" };
  expect(made([share, volume, local({})], bind("10.0.0.9:/srv/shop"))).toEqual([]);
});
