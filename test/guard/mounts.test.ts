import { describe, expect, it } from "vitest";
import { readLocalVolume } from "../../src/guard/local-volume.ts";
import type { AllowedBind, GuardRules } from "../../src/guard/rules.ts";
import { refusedKeys } from "./drafts.ts";

const KEY = ["services.web.volumes[0]"];

function bind(path: string, change: Partial<AllowedBind> = {}): AllowedBind {
  return { path, hasSubfolders: false, isReadOnly: false, isCreated: false, ...change };
}

function refusedMount(mount: object, rules: Partial<GuardRules> = {}): string[] {
  return refusedKeys({ container: { Mounts: [{ Target: "/data", ...mount }] } }, rules);
}

function refusedBind(source: string, ...allowed: readonly AllowedBind[]): string[] {
  return refusedMount({ Type: "bind", Source: source }, { bindMounts: allowed });
}

function refusedLocal(
  options: Record<string, string>,
  ...allowed: readonly AllowedBind[]
): string[] {
  const mount = {
    Type: "volume",
    Source: "shop_data",
    VolumeOptions: { DriverConfig: { Name: "local", Options: options } },
  };
  return refusedMount(mount, { bindMounts: allowed });
}

describe("a bind mount", () => {
  it.each([
    "/etc",
    "/",
    "/var/run/docker.sock",
    "/srv/shop",
    "./data",
    "data",
    "~",
    "",
    "C:\\data",
  ])("of %s is refused where nothing is allowed", (source) => {
    expect(refusedBind(source)).toEqual(KEY);
  });

  it.each(["/srv/shop", "/srv/shop/", "//srv//shop", "/srv/./shop", "/srv/x/../shop"])(
    "of %s is the allowed folder /srv/shop",
    (source) => {
      expect(refusedBind(source, bind("/srv/shop"))).toEqual([]);
    },
  );

  it.each([
    "/srv/shop/../../etc",
    "/srv/shop/../shop2",
    "/srv/shop2",
    "/srv/shop/data",
    "/srv",
    "/srv/Shop",
    "/srv/shop{{.Task.Slot}}",
    "{{.Node.Hostname}}",
    "/srv/shop\0/x",
    "/srv/shop ",
    "srv/shop",
    "/srv/shop/\\..",
  ])("of %j is not the allowed folder /srv/shop", (source) => {
    expect(refusedBind(source, bind("/srv/shop"))).toEqual(KEY);
  });

  it("reaches subfolders only where the operator says so, and never out of the folder", () => {
    const allowed = bind("/srv/shop", { hasSubfolders: true });
    expect(refusedBind("/srv/shop/data/x", allowed)).toEqual([]);
    expect(refusedBind("/srv/shop/data/../../shop2", allowed)).toEqual(KEY);
    expect(refusedBind("/srv/shop2", allowed)).toEqual(KEY);
    expect(refusedBind("/srv/shop/{{.Service.Labels}}", allowed)).toEqual(KEY);
    expect(refusedBind("/srv/shop/x\0/y", allowed)).toEqual(KEY);
  });

  it.each([
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/var/run",
    "/run",
    "/var/../run/./docker.sock",
    "/var",
    "/etc",
    "/etc/shadow",
    "/proc/1/root",
    "/var/lib/docker/volumes",
    "/",
  ])("of %s needs its very path, whatever lies around it is allowed", (source) => {
    expect(refusedBind(source, bind("/", { hasSubfolders: true }))).toEqual(
      source === "/" ? [] : KEY,
    );
    const around = ["/var", "/run", "/etc", "/proc"].map((path) =>
      bind(`${path}/`.slice(0, -1), { hasSubfolders: true }),
    );
    const isNamed = ["/var", "/run", "/var/run", "/etc"].includes(source);
    expect(refusedBind(source, ...around)).toEqual(isNamed ? [] : KEY);
  });

  it("of the engine's socket is allowed by either of its names", () => {
    expect(refusedBind("/var/run/docker.sock", bind("/run/docker.sock"))).toEqual([]);
    expect(refusedBind("/run/docker.sock", bind("/run/docker.sock"))).toEqual([]);
  });

  it("that may only be read says so itself", () => {
    const rules = { bindMounts: [bind("/srv/shop", { isReadOnly: true })] };
    const mount = { Type: "bind", Source: "/srv/shop" };
    expect(refusedMount(mount, rules)).toEqual(KEY);
    expect(refusedMount({ ...mount, ReadOnly: false }, rules)).toEqual(KEY);
    expect(refusedMount({ ...mount, ReadOnly: true }, rules)).toEqual([]);
  });

  it.each([
    ["rprivate", []],
    ["rslave", []],
    ["shared", KEY],
    ["rshared", KEY],
    ["RSHARED", KEY],
  ])("with the propagation %s", (propagation, expected) => {
    const mount = { Type: "bind", Source: "/srv/shop", BindOptions: { Propagation: propagation } };
    expect(refusedMount(mount, { bindMounts: [bind("/srv/shop")] })).toEqual(expected);
  });
});

describe("a mount of another type", () => {
  it.each(["npipe", "cluster", "image", "Bind", "BIND", "nfs"])("%s is refused", (type) => {
    expect(refusedMount({ Type: type, Source: "/srv/shop" })).toEqual(KEY);
  });

  it("tmpfs is allowed, but not with options that nobody knows", () => {
    expect(refusedMount({ Type: "tmpfs", TmpfsOptions: { SizeBytes: 1024 } })).toEqual([]);
    expect(refusedMount({ Type: "tmpfs", TmpfsOptions: { Options: [["exec"]] } })).toEqual(KEY);
  });
});

describe("a volume", () => {
  it.each([
    ["shop_data", []],
    ["shop_data-{{.Task.Slot}}", []],
    ["shop_{{ .Node.ID }}", []],
    ["", []],
    ["shop2_data", KEY],
    ["data", KEY],
    ["shop", KEY],
    ["other_data", KEY],
    ["{{.Task.Slot}}", KEY],
    ["{{ print `other_data` }}", KEY],
    ["shop_{{ .Service.Name }}", KEY],
    ["shop_{{.Task.Slot}}{{", KEY],
    ["/etc", KEY],
    ["shop_/../../etc", KEY],
    ["shop_data/..", KEY],
  ])("called %j", (source, expected) => {
    expect(refusedMount({ Type: "volume", Source: source })).toEqual(expected);
    expect(refusedMount({ Source: source })).toEqual(expected);
  });

  it("of others needs a rule, and a rule allows no path and no template", () => {
    const rules = { volumes: ["shared-*"] };
    expect(refusedMount({ Source: "shared-media" }, rules)).toEqual([]);
    expect(refusedMount({ Source: "shared" }, rules)).toEqual(KEY);
    expect(refusedMount({ Source: "shared-{{.Task.Slot}}" }, rules)).toEqual(KEY);
    expect(refusedMount({ Source: "/etc" }, { volumes: ["*"] })).toEqual(KEY);
  });

  it("of another driver needs a rule", () => {
    const mount = { Source: "shop_data", VolumeOptions: { DriverConfig: { Name: "vieux/sshfs" } } };
    expect(refusedMount(mount)).toEqual(KEY);
    expect(refusedMount(mount, { volumeDrivers: ["local", "vieux/sshfs"] })).toEqual([]);
  });

  it.each([
    { type: "none", o: "bind", device: "/etc" },
    { type: "none", o: "rbind", device: "/srv/shop/../../etc" },
    { o: "bind", device: "/etc" },
    { o: "ro,bind", device: "//etc" },
    { type: "bind", device: "/etc" },
    { type: "tmpfs", o: "bind", device: "/etc" },
    { type: "tmpfs", o: "size=1m,bind", device: "/etc" },
    { type: "ext4", device: "/dev/sda1" },
    { type: "overlay", o: "lowerdir=/etc,upperdir=/tmp/u,workdir=/tmp/w", device: "overlay" },
    { type: "proc", device: "proc" },
    { type: "cifs", o: "addr=10.0.0.1", device: "//10.0.0.1/share" },
    { type: "none", o: "bind", device: "{{.Node.Hostname}}" },
    { type: "none", o: "bind,lowerdir=/", device: "/srv/shop" },
    { type: "none", o: "{{.Task.Name}}", device: "/srv/shop" },
    { type: "nfs", o: "addr=10.0.0.1", device: ":/export" },
    { type: "nfs4", device: "10.0.0.1:/export" },
    { device: "/etc" },
    { type: "none", o: "BIND", device: "/etc" },
    { type: "none", o: "bind", device: "etc" },
    { type: "none", o: "bind", device: "/srv/shop", mode: "x" },
  ])("of the driver local with %j is refused", (options) => {
    const allowed = bind("/srv/shop", { hasSubfolders: true });
    expect(refusedLocal(options, allowed)).toEqual(KEY);
  });

  it.each([
    { type: "none", o: "bind", device: "/srv/shop" },
    { type: "none", o: "rbind,nosuid", device: "/srv//shop/" },
    { device: "/srv/shop" },
    { type: "nfs", o: "addr=10.0.0.1,nfsvers=4,rw", device: ":/export/shop" },
    { type: "nfs4", o: "soft", device: "10.0.0.1:/export/x/../shop" },
    { type: "tmpfs", o: "size=100m,uid=1000", device: "tmpfs" },
    { size: "10G" },
    {},
  ])("of the driver local with %j is allowed by its device", (options) => {
    const allowed = [bind("/srv/shop"), bind("10.0.0.1:/export/shop")];
    expect(refusedLocal(options, ...allowed)).toEqual([]);
  });

  it.each([
    { o: "addr=10.0.0.1,addr=10.6.6.6", device: ":/export/shop" },
    { o: "addr=10.6.6.6", device: "10.0.0.1:/export/shop" },
    { o: "mountaddr=10.6.6.6", device: "10.0.0.1:/export/shop" },
    { o: "ADDR=10.6.6.6", device: "10.0.0.1:/export/shop" },
    { o: "addr=10.0.0.1", device: ":/export/shop/../other" },
    { o: "addr=10.0.0.1", device: ":/export/shop2" },
    { o: "move,addr=10.0.0.1", device: ":/export/shop" },
  ])("of NFS with %j is not the share that is allowed", (options) => {
    expect(refusedLocal({ type: "nfs", ...options }, bind("10.0.0.1:/export/shop"))).toEqual(KEY);
  });

  it("with the driver left out counts as one of the driver local", () => {
    const options = { Options: { type: "none", o: "bind", device: "/etc" } };
    for (const driver of [options, { ...options, Name: "" }, { ...options, Name: null }]) {
      const mount = { Source: "shop_data", VolumeOptions: { DriverConfig: driver } };
      expect(refusedMount(mount)).toEqual(KEY);
    }
  });

  it("says why its options are refused", () => {
    expect(readLocalVolume({ type: "ext4", device: "/dev/sda1" })).toEqual({
      kind: "unknown",
      why: 'is a file system of the type "ext4"',
    });
  });
});
