import { describe, expect, it } from "vitest";
import { stackObjects, type ObjectsResult } from "../../src/stack/objects.ts";

function read(line: string, asCli: boolean): ObjectsResult {
  const text = `services:\n  web:\n    image: nginx\n    ${line}\nvolumes: {vol: {}}\nnetworks: {n: {}}\n`;
  const files = [{ path: "/tree/stack.yml", text }];
  const readFile = (): null => null;
  return stackObjects({ name: "s", files, readFile, variables: {}, asCli });
}

function notes(line: string): readonly string[] {
  const result = read(line, false);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.notes
    .filter(({ code }) => code !== "update_defaults")
    .map(({ code, line: at, key }) => `${code} ${at} ${key.replace("services.web.", "")}`);
}

describe("a key that a Swarm has nothing for", () => {
  it.each([
    ["tmpfs: /run", "tmpfs"],
    ["container_name: web", "container_name"],
    ["expose: [80]", "expose"],
    ["links: [db]", "links"],
    ["external_links: [db]", "external_links"],
    ["shm_size: 64m", "shm_size"],
    ["mac_address: '02:42:ac:11:65:43'", "mac_address"],
    ["domainname: example.com", "domainname"],
    ["cgroup_parent: a", "cgroup_parent"],
    ["cgroupns_mode: host", "cgroupns_mode"],
    ["oom_score_adj: 500", "oom_score_adj"],
    ["networks: {n: {ipv4_address: 10.0.0.5}}", "networks.n.ipv4_address"],
    ["volumes: ['vol:/data:z']", "volumes[0]"],
    [
      "volumes: [{type: bind, source: /a, target: /b, bind: {create_host_path: true}}]",
      "volumes[0].bind.create_host_path",
    ],
    ["volumes: [{type: tmpfs, target: /b, tmpfs: {mode: 448}}]", "volumes[0].tmpfs.mode"],
  ])("is noted, but not as the CLI: %s", (line, key) => {
    expect(notes(line)).toEqual([`ignored_key 4 ${key}`]);
    expect(read(line, true)).toMatchObject({ ok: true, notes: [] });
  });

  it.each(["tmpfs: []", "expose: []", "container_name: ''", "volumes: ['vol:/data:ro,nocopy']"])(
    "is not noted where it says nothing else: %s",
    (line) => {
      expect(notes(line)).toEqual([]);
    },
  );

  it("is restart only where a policy wins over it", () => {
    expect(notes("restart: always")).toEqual([]);
    expect(notes("restart: always\n    deploy: {restart_policy: {condition: any}}")).toEqual([
      "ignored_key 4 restart",
    ]);
  });

  it.each([
    ["privileged: true", "privileged"],
    ["devices: ['/dev/sda:/dev/sda']", "devices"],
    ["security_opt: ['no-new-privileges:true']", "security_opt"],
    ["pid: host", "pid"],
    ["ipc: host", "ipc"],
    ["network_mode: host", "network_mode"],
    ["userns_mode: host", "userns_mode"],
  ])("is refused where it is about security or hardware, but not as the CLI: %s", (line, key) => {
    expect(read(line, false)).toMatchObject({
      ok: false,
      problems: [
        {
          code: "unsupported_key",
          line: 4,
          key: `services.web.${key}`,
          message: expect.stringMatching(/^a Swarm has no \w+: .+\.$/u),
        },
      ],
    });
    expect(read(line, true)).toMatchObject({ ok: true, notes: [] });
  });

  it.each(["privileged: false", "devices: []", "pid:"])("says nothing: %s", (line) => {
    expect(notes(line)).toEqual([]);
  });
});

describe("a port with an address", () => {
  it.each(["127.0.0.1:8080:80", "127.0.0.1::80", "[::1]:8080:80", "10.0.0.1:53:53/udp"])(
    "is refused, but not as the CLI: %s",
    (port) => {
      expect(read(`ports: ["${port}"]`, false)).toMatchObject({
        ok: false,
        problems: [{ code: "port_address", line: 4, key: "services.web.ports[0]" }],
      });
      expect(read(`ports: ["${port}"]`, true).ok).toBe(true);
    },
  );

  it.each(["80", "8080:80", "0.0.0.0:8080:80", "[::]:8080:80"])("is none in %s", (port) => {
    expect(notes(`ports: ["${port}"]`)).toEqual([]);
  });
});
