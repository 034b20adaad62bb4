import { describe, expect, it } from "vitest";
import { databaseUpgrade } from "../../../src/deployer/plan/database-images.ts";
import { createRisks, updateRisks } from "../../../src/deployer/plan/risks.ts";
import { aService, aSpec, type SpecChanges } from "./stacks.ts";

const volume = (Source: string, Target: string) => ({ Type: "volume", Source, Target });
const port = (PublishedPort: number, TargetPort = 80) => ({ PublishedPort, TargetPort });
const replicas = (Replicas: number) => ({ mode: { Replicated: { Replicas } } });

function risks(before: SpecChanges, after: SpecChanges): readonly string[] {
  const { spec, image } = aService("db", after);
  const found = updateRisks({ live: aSpec("db", before), desired: spec, image });
  return found.map(({ code, text }) => `${code}: ${text}`);
}

describe("updateRisks", () => {
  it.each<[string, SpecChanges, SpecChanges, readonly string[]]>([
    ["nothing", {}, {}, []],
    [
      "a volume that is renamed",
      { container: { Mounts: [volume("a", "/data")] } },
      { container: { Mounts: [volume("b", "/data")] } },
      ["volume_changed: /data was volume a and becomes volume b: the data stays behind"],
    ],
    [
      "a volume that becomes a folder",
      { container: { Mounts: [volume("a", "/data")] } },
      { container: { Mounts: [{ Type: "bind", Source: "/srv", Target: "/data" }] } },
      ["volume_changed: /data was volume a and becomes bind /srv: the data stays behind"],
    ],
    [
      "a volume that becomes nameless",
      { container: { Mounts: [volume("a", "/data")] } },
      { container: { Mounts: [{ Type: "volume", Target: "/data" }] } },
      ["volume_changed: /data was volume a and becomes a new volume: the data stays behind"],
    ],
    [
      "a volume that is gone",
      { container: { Mounts: [volume("a", "/data")] } },
      {},
      [
        "volume_dropped: volume a is not mounted at /data any more: its data stays, but the service does not see it",
      ],
    ],
    [
      "a volume that is mounted elsewhere",
      { container: { Mounts: [volume("a", "/data")] } },
      { container: { Mounts: [volume("a", "/other")] } },
      [],
    ],
    [
      "a folder that is gone",
      { container: { Mounts: [{ Type: "bind", Source: "/srv", Target: "/data" }] } },
      {},
      [],
    ],
    [
      "a port that moves",
      { ports: [port(80), port(443, 443)] },
      { ports: [port(8080), port(443, 443)] },
      ["port_moved: port 80 (80/tcp) moves to 8080: who calls it there is not answered"],
    ],
    [
      "a port that is dropped",
      { ports: [{ ...port(53, 53), Protocol: "udp" }] },
      { ports: [port(53, 53)] },
      [
        "port_moved: port 53 (53/udp) is not published any more: who calls it there is not answered",
      ],
    ],
    ["a port that nobody fixed", { ports: [{ TargetPort: 80 }] }, {}, []],
    [
      "a database's next version",
      { container: { Image: "postgres:15.2-alpine" } },
      { container: { Image: "postgres:16" } },
      [
        "database_major_changed: postgres goes from 15 to 16: its data may need a migration, and a rollback may not read it",
      ],
    ],
    ["fewer replicas", replicas(3), replicas(1), ["replicas_lowered: replicas go from 3 to 1"]],
    [
      "no replicas said",
      replicas(3),
      { mode: { Replicated: {} } },
      ["replicas_lowered: replicas go from 3 to 1"],
    ],
    ["more replicas", replicas(1), replicas(3), []],
    [
      "another mode",
      replicas(3),
      { mode: { Global: {} } },
      [
        "service_recreated: shop_db is removed and created again: it is away meanwhile, and the Swarm cannot roll it back by itself",
      ],
    ],
  ])("sees %s", (_, before, after, expected) => {
    expect(risks(before, after)).toEqual(expected);
  });

  it("sees a given image that no digest pins, and that alone", () => {
    const { spec, image } = aService("web");
    const given = { ...image, buildKey: null };
    expect(createRisks(spec, given).map(({ code }) => code)).toEqual(["image_unpinned"]);
    expect(createRisks(spec, image)).toEqual([]);
    const pinned = aSpec("web", { container: { Image: `nginx:1@sha256:${"a".repeat(64)}` } });
    expect(createRisks(pinned, given)).toEqual([]);
  });

  it("says of an image that is in no registry that each node has its own", () => {
    const { image } = aService("web");
    const local = aSpec("web", { container: { Image: "localhost/tools:1" } });
    expect(createRisks(local, { ...image, buildKey: null })).toEqual([
      {
        code: "image_unpinned",
        text: "localhost/tools:1 is in no registry: each node runs what it has by this name itself, and without it refuses the task",
      },
    ]);
    expect(createRisks(local, image)).toEqual([]);
  });

  it("keeps texts at 200 characters", () => {
    const before = { container: { Mounts: [volume("a".repeat(500), "/data")] } };
    const [text = ""] = risks(before, {});
    expect(text.length).toBeLessThanOrEqual(200 + "volume_dropped: ".length);
  });
});

describe("databaseUpgrade", () => {
  it.each([
    ["postgres:15", "postgres:16", "15 16"],
    ["postgres:15.1", "postgres:15.9-alpine", null],
    ["mysql:8.0.36", "mysql:8.4", "8.0 8.4"],
    ["mysql:8.0.36", "mysql:8.0.40", null],
    ["mongo:4.4", "mongo:5.0", "4.4 5.0"],
    ["redis:7", "redis:7.2-alpine", null],
    ["registry.example.com:5000/acme/postgres:15@sha256:abc", "postgres:16", "15 16"],
    ["timescale/timescaledb:2.11-pg15", "timescale/timescaledb:2.12-pg16", "15 16"],
    ["timescale/timescaledb:2.11-pg15", "timescale/timescaledb:2.12-pg15", null],
    ["postgres:15", "postgres:latest", "15 null"],
    ["postgres:15", "postgres", "15 null"],
    ["postgres:latest", "postgres:16", null],
    ["postgres:15", "mysql:8.0", null],
    ["nginx:1.25", "nginx:2", null],
    ["constructor:1", "constructor:2", null],
  ])("from %s to %s: %s", (before, after, expected) => {
    const found = databaseUpgrade(before, after);
    expect(found && `${found.before} ${found.after}`).toBe(expected);
  });
});
