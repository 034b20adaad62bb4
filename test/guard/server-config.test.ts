import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SkepError } from "../../src/errors.ts";
import { parseServerConfig } from "../../src/guard/parse-server-config.ts";
import { readServerConfig } from "../../src/guard/read-server-config.ts";
import { DEFAULT_RULES, NO_SERVER_CONFIG, type ServerConfig } from "../../src/guard/rules.ts";
import { SERVER_LEVELS } from "../../src/guard/server-schema.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

function parse(text: string): ServerConfig {
  const parsed = parseServerConfig(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

/** `line: message` of each problem. */
function problems(text: string): string[] {
  const parsed = parseServerConfig(text);
  return parsed.ok ? [] : parsed.problems.map(({ line, message }) => `${line}: ${message}`);
}

describe("skep.server.yml", () => {
  it.each(["", "# nothing\n", "{}", "allow: []"])("may say nothing: %j", (text) => {
    expect(parse(text)).toEqual(NO_SERVER_CONFIG);
  });

  it("says who may deploy, whose a stack is and what is allowed", () => {
    const text = `
repositories: ["acme/*"]
stacks:
  shop-production: { repository: acme/shop, app: shop, environment: production }
allow:
  - repositories: ["*"]
    published_ports: [443, "8000-8999"]
    bind_mounts:
      - { path: /srv//shop/, create: true }
      - { path: /var/run/docker.sock, read_only: true }
      - { path: "NAS.example.com:/export/" , subfolders: true }
    cap_add: [CAP_SYS_NICE, net_admin]
    host_network: true
    hosts: ["*.Shop.example.com"]
    limits: { cpus: 0.5, memory: 8g, replicas: 20 }
`;
    const bind = { hasSubfolders: false, isReadOnly: false, isCreated: false };
    expect(parse(text)).toEqual({
      repositories: ["acme/*"],
      stacks: new Map([
        ["shop-production", { repository: "acme/shop", app: "shop", environment: "production" }],
      ]),
      allow: [
        {
          repositories: ["*"],
          rules: {
            publishedPorts: [
              { from: 443, to: 443 },
              { from: 8000, to: 8999 },
            ],
            bindMounts: [
              { ...bind, path: "/srv/shop", isCreated: true },
              { ...bind, path: "/run/docker.sock", isReadOnly: true },
              { ...bind, path: "nas.example.com:/export", hasSubfolders: true },
            ],
            capAdd: ["SYS_NICE", "NET_ADMIN"],
            hostNetwork: true,
            hosts: ["*.shop.example.com"],
          },
          limits: { nanoCpus: 5e8, memoryBytes: 8 * 1024 ** 3, replicas: 20 },
        },
      ],
    });
  });

  it.each([
    ["allow: 5", "1: `allow` is the number 5: write a list (- entry)"],
    ["- a", "1: `the file` is a list: write a mapping (key: value)"],
    ["\nalow: []", "2: `alow` is not a key at the top of the file: did you mean `allow`?"],
    [
      "build: { timeout: 30m }",
      "1: `build` is not a key at the top of the file: what a build may take is set by SKEP_BUILD_TIMEOUT and SKEP_CONTEXT_LIMIT, for all repositories",
    ],
    [
      "allow:\n  - cap_add: []",
      "2: `allow[0].repositories` is nothing: write a list such as [acme/*]",
    ],
    [
      "allow:\n  - repositories: [acme]",
      '2: `allow[0].repositories[0]` is "acme": write a text such as acme/*',
    ],
    [
      "allow:\n  - repositories: ['*']\n    port: []",
      "3: `port` is not a key in allow[0]: use one of repositories, published_ports",
    ],
    [
      "allow:\n  - repositories: ['*']\n    published_ports:\n      - 80\n      - 90-80",
      '5: `allow[0].published_ports[1]` is "90-80": write a port or a range of ports in quotes, such as "443" or "8000-8999"',
    ],
    [
      "allow:\n  - repositories: ['*']\n    published_ports: [65536]",
      "3: `allow[0].published_ports[0]` is the number 65536: write a port",
    ],
    [
      "allow:\n  - repositories: ['*']\n    bind_mounts: [/srv/shop]",
      '3: `allow[0].bind_mounts[0]` is "/srv/shop": write a mapping such as { path: /srv/shop }',
    ],
    [
      "allow:\n  - repositories: ['*']\n    bind_mounts: [{ path: /srv/shop/../../etc }]",
      '3: `allow[0].bind_mounts[0].path` is "/srv/shop/../../etc": write an absolute path',
    ],
    [
      "allow:\n  - repositories: ['*']\n    bind_mounts: [{ path: /srv/* }]",
      '3: `allow[0].bind_mounts[0].path` is "/srv/*": write an absolute path',
    ],
    [
      "allow:\n  - repositories: ['*']\n    bind_mounts: [{ path: /srv, recursive: true }]",
      "3: `allow[0].bind_mounts[0].recursive` is not known: use path, create, read_only, subfolders",
    ],
    [
      "allow:\n  - repositories: ['*']\n    bind_mounts: [{ path: /srv, create: 'yes' }]",
      "3: `allow[0].bind_mounts[0]` is a mapping: write true or false for create",
    ],
    [
      "allow:\n  - repositories: ['*']\n    host_network: 'yes'",
      '3: `allow[0].host_network` is "yes": write true or false',
    ],
    [
      "allow:\n  - repositories: ['*']\n    volume_drivers: ['*']",
      '3: `allow[0].volume_drivers[0]` is "*": write a text such as local',
    ],
    [
      "allow:\n  - repositories: ['*']\n    limits: { cpus: many }",
      '3: `allow[0].limits.cpus` is "many": write a number of CPUs such as "4"',
    ],
    [
      "allow:\n  - repositories: ['*']\n    limits: { memory: 8 }",
      "3: `allow[0].limits.memory` is the number 8: write a size such as 8g",
    ],
    [
      "allow:\n  - repositories: ['*']\n    limits: { replicas: 0 }",
      "3: `allow[0].limits.replicas` is the number 0: write a whole number from 1 to 10000",
    ],
    [
      "stacks:\n  shop:\n    repository: acme/shop\n    app: shop",
      "2: `stacks.shop.environment` is nothing: write a text such as production",
    ],
    [
      "stacks:\n  shop: { repository: a/b, app: c, environment: d, enviroment: e }",
      "2: `enviroment` is not a key in stacks.shop: did you mean `environment`?",
    ],
    ["allow: [\n", "2: "],
    ["a: 1\na: 2", "2: `a` stands here a second time"],
  ])("tells what is wrong with %j", (text, expected) => {
    const [first = ""] = problems(text);
    expect(first.slice(0, expected.length)).toBe(expected);
  });

  it("tells of every problem at once, in the order of their lines", () => {
    const text = "x: 1\nallow:\n  - repositories: 7\n    cap_add: 8\ny: 2";
    expect(problems(text).map((problem) => problem.split(":")[0])).toEqual(["1", "3", "4", "5"]);
  });

  it("never throws, whatever the text", () => {
    const word = fc.constantFrom(
      "allow",
      "stacks",
      ": ",
      "- ",
      "\n",
      "  ",
      "[",
      "{",
      "*",
      "&a",
      "0x1",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string())), (parts) => {
        parseServerConfig(parts.join(""));
      }),
    );
  });
});

describe("the example file", () => {
  const text = readFileSync("docs/skep.server.example.yml", "utf8");

  it("is valid, and its first entry shows the defaults", () => {
    const config = parse(text);
    const [first] = config.allow;
    const { hosts, limits, ...defaults } = DEFAULT_RULES;
    expect({ hosts, limits: Object.values(limits) }).toEqual({
      hosts: null,
      limits: [null, null, null, null],
    });
    expect(first?.rules).toEqual(defaults);
  });

  it("and the page name every key", () => {
    const page = readFileSync("docs/guard.md", "utf8");
    for (const key of Object.values(SERVER_LEVELS).flat()) {
      expect(text).toMatch(new RegExp(`\\b${key}:`));
      expect(page).toContain(`\`${key}`);
    }
  });
});

describe("the file on disk", () => {
  let dir: TempDir;
  beforeAll(async () => {
    dir = await makeTempDir();
  });
  afterAll(() => dir.remove());

  function refusal(path: string, isRequired: boolean): SkepError {
    try {
      readServerConfig({ path, isRequired });
    } catch (error) {
      if (error instanceof SkepError) return error;
      throw error;
    }
    throw new Error("nothing was refused");
  }

  it("is read", async () => {
    const path = join(dir.path, "good.yml");
    await writeFile(path, "repositories: [acme/shop]\n");
    expect(readServerConfig({ path, isRequired: false }).repositories).toEqual(["acme/shop"]);
  });

  it("may be missing unless the operator named it", () => {
    const path = join(dir.path, "none.yml");
    expect(readServerConfig({ path, isRequired: false })).toEqual(NO_SERVER_CONFIG);
    expect(refusal(path, true)).toMatchObject({ code: "settings_invalid" });
  });

  it("is refused when it cannot be read, named or not", async () => {
    const path = join(dir.path, "folder.yml");
    await mkdir(path);
    expect(refusal(path, false).message).toBe(`reading ${path}`);
  });

  it("is refused with file, line, key and expectation", async () => {
    const path = join(dir.path, "bad.yml");
    await writeFile(path, "allow:\n  - repositories: ['*']\n    host_network: 1\n");
    expect(refusal(path, false)).toMatchObject({
      code: "settings_invalid",
      message: `reading the server's rules:\n- ${path}:3: \`allow[0].host_network\` is the number 1: write true or false`,
    });
  });
});
