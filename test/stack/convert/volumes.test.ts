import { describe, expect, it } from "vitest";
import type { StackMount, StackVolume } from "../../../src/stack/model.ts";
import { modelWith, objectsOf, problemsOf, serviceBody } from "./stack-model.ts";

const NS = { "com.docker.stack.namespace": "s" };
const LABELS = { Labels: NS };

const VOLUMES: Readonly<Record<string, StackVolume>> = {
  plain: {},
  named: { name: "of {{.Task.Slot}}", labels: { x: "y" } },
  outside: { isExternal: true },
  elsewhere: { isExternal: true, name: "there" },
  driven: { driver: "local", driverOpts: { type: "nfs" } },
  optionless: { driverOpts: {} },
  undriven: { driver: "" },
};

describe("the mounts of a service", () => {
  it.each<readonly [string, StackMount, object]>([
    [
      "a volume",
      { type: "volume", source: "plain", target: "/d" },
      { Type: "volume", Source: "s_plain", Target: "/d", VolumeOptions: LABELS },
    ],
    [
      "a volume with a name and options",
      {
        type: "volume",
        source: "named",
        target: "/d",
        readOnly: true,
        volume: { noCopy: true, subpath: "p" },
      },
      {
        Type: "volume",
        Source: "of {{.Task.Slot}}",
        Target: "/d",
        ReadOnly: true,
        VolumeOptions: { NoCopy: true, Subpath: "p", Labels: { x: "y", ...NS } },
      },
    ],
    [
      "an external volume",
      { type: "volume", source: "outside", target: "/d" },
      { Type: "volume", Source: "outside", Target: "/d", VolumeOptions: {} },
    ],
    [
      "an external volume with a name",
      { type: "volume", source: "elsewhere", target: "/d", volume: { noCopy: true } },
      { Type: "volume", Source: "there", Target: "/d", VolumeOptions: { NoCopy: true } },
    ],
    [
      "a volume with a driver",
      { type: "volume", source: "driven", target: "/d" },
      {
        Type: "volume",
        Source: "s_driven",
        Target: "/d",
        VolumeOptions: {
          ...LABELS,
          DriverConfig: { Name: "local", Options: { type: "nfs" } },
        },
      },
    ],
    [
      "a volume with an empty map of options",
      { type: "volume", source: "optionless", target: "/d" },
      {
        Type: "volume",
        Source: "s_optionless",
        Target: "/d",
        VolumeOptions: { ...LABELS, DriverConfig: {} },
      },
    ],
    [
      "a volume with an empty driver",
      { type: "volume", source: "undriven", target: "/d" },
      { Type: "volume", Source: "s_undriven", Target: "/d", VolumeOptions: LABELS },
    ],
    [
      "an anonymous volume",
      { type: "volume", target: "/d", volume: { noCopy: true } },
      { Type: "volume", Target: "/d" },
    ],
    [
      "a bind",
      { type: "bind", source: "/x", target: "/d", consistency: "cached" },
      { Type: "bind", Source: "/x", Target: "/d", Consistency: "cached" },
    ],
    [
      "a bind with an empty block",
      { type: "bind", source: "/x", target: "/d", bind: {} },
      { Type: "bind", Source: "/x", Target: "/d", BindOptions: {} },
    ],
    [
      "a pipe with a propagation",
      { type: "npipe", source: "/x", target: "/d", bind: { propagation: "rslave" } },
      { Type: "npipe", Source: "/x", Target: "/d", BindOptions: { Propagation: "rslave" } },
    ],
    [
      "memory",
      { type: "tmpfs", target: "/d", tmpfs: { sizeBytes: 5 } },
      { Type: "tmpfs", Target: "/d", TmpfsOptions: { SizeBytes: 5 } },
    ],
    [
      "a cluster volume",
      { type: "cluster", source: "plain", target: "/d" },
      { Type: "cluster", Source: "s_plain", Target: "/d", ClusterOptions: {} },
    ],
    [
      "a group of cluster volumes",
      { type: "cluster", source: "group:g", target: "/d" },
      { Type: "cluster", Source: "group:g", Target: "/d", ClusterOptions: {} },
    ],
    [
      "an image",
      { type: "image", source: "img", target: "/d" },
      { Type: "image", Source: "img", Target: "/d" },
    ],
  ])("have %s", (_title, mount, body) => {
    const { services } = objectsOf(modelWith({ mounts: [mount] }, { volumes: VOLUMES }));
    expect(services).toEqual({ s_a: serviceBody({ container: { Mounts: [body] } }) });
  });

  it.each<readonly [string, StackMount, string]>([
    ["undefined volume", { type: "volume", source: "no", target: "/d" }, 'undefined volume "no"'],
    [
      "volume named like a method of every object",
      { type: "volume", source: "constructor", target: "/d" },
      'undefined volume "constructor"',
    ],
    [
      "undefined cluster volume",
      { type: "cluster", source: "no", target: "/d" },
      'undefined volume "no"',
    ],
    [
      "bind options on a volume",
      { type: "volume", source: "plain", target: "/d", bind: {} },
      "bind options are incompatible with type volume",
    ],
    [
      "volume options in memory",
      { type: "tmpfs", target: "/d", volume: {} },
      "volume options are incompatible with type tmpfs",
    ],
    [
      "memory with a source",
      { type: "tmpfs", source: "/x", target: "/d" },
      "invalid tmpfs source, source must be empty",
    ],
    [
      "pipe without a source",
      { type: "npipe", target: "/d" },
      "invalid npipe source, source cannot be empty",
    ],
    [
      "unknown type",
      { type: "nfs", target: "/d" },
      "volume type must be volume, bind, tmpfs, npipe, or cluster",
    ],
  ])("are refused: %s", (_title, mount, message) => {
    const [problem, ...others] = problemsOf(modelWith({ mounts: [mount] }, { volumes: VOLUMES }));
    expect(problem).toMatch(/^\w+ services\.a\.volumes\[0\]: service a: /);
    expect(problem).toContain(message);
    expect(others).toEqual([]);
  });
});

describe("an external volume", () => {
  it.each<readonly [string, StackVolume]>([
    ["driver", { driver: "local" }],
    ["driver_opts", { driverOpts: { a: "b" } }],
    ["labels", { labels: { a: "b" } }],
  ])("is refused with %s", (field, volume) => {
    expect(problemsOf(modelWith({}, { volumes: { v: { isExternal: true, ...volume } } }))).toEqual([
      `external_conflict volumes.v.${field}: conflicting parameters "external" and "${field}" specified for volume "v"`,
    ]);
  });
});
