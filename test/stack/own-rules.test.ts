import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCycles } from "../../src/stack/convert/cycles.ts";
import { stackObjects } from "../../src/stack/objects.ts";
import { accepted, draftOf, notesOf, problemsOf } from "./draft-case.ts";

function acceptedAsCli(text: string): boolean {
  const files = [{ path: "/tree/stack.yml", text }];
  const readFile = (): Uint8Array => Uint8Array.of(1);
  return stackObjects({ name: "s", files, readFile, variables: {}, asCli: true }).ok;
}

const SERVICES = "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x";

describe("depends_on", () => {
  it("is the order in which services are started", () => {
    const text = `services:
  web: {image: x, depends_on: {db: {condition: service_healthy}, cache: {condition: service_started, required: false}, gone: {condition: service_started, required: false}}}
  db: {image: x, depends_on: [cache]}
  cache: {image: x}
`;
    const { draft } = accepted(draftOf(text));
    expect(draft.services.map(({ key, dependsOn }) => [key, dependsOn])).toEqual([
      ["cache", []],
      ["db", [{ key: "cache", condition: "service_started" }]],
      [
        "web",
        [
          { key: "cache", condition: "service_started" },
          { key: "db", condition: "service_healthy" },
        ],
      ],
    ]);
  });

  it("is refused for a service that is not there, but not by the CLI", () => {
    const text = "services:\n  a:\n    image: x\n    depends_on:\n      - b\n";
    expect(problemsOf(draftOf(text))).toEqual([
      "depends_on_unknown deploy/stack.yml:4 services.a.depends_on.b",
    ]);
    expect(acceptedAsCli(text)).toBe(true);
  });

  it("is refused in a circle, which is told, but not by the CLI", () => {
    const text = `${SERVICES}, depends_on: [c]}\n  c: {image: x, depends_on: [a, c]}\n`;
    const result = draftOf(text);
    expect(problemsOf(result)).toEqual([
      "depends_on_cycle deploy/stack.yml:2 services.a.depends_on",
      "depends_on_cycle deploy/stack.yml:4 services.c.depends_on",
    ]);
    const messages = result.ok ? [] : result.problems.map(({ message }) => message.split(":")[0]);
    expect(messages).toEqual(["a → b → c → a", "c → c"]);
    expect(acceptedAsCli(text)).toBe(true);
  });

  it("does not restart for others, and says so", () => {
    const text =
      "services:\n  a:\n    image: x\n    depends_on:\n      b:\n        condition: service_started\n        restart: true\n  b: {image: x}\n";
    expect(notesOf(draftOf(text), "ignored_key")).toEqual([
      "deploy/stack.yml:7 services.a.depends_on.b.restart",
    ]);
  });
});

describe("circles", () => {
  it("are found where there are any, and are ones", () => {
    const names = ["a", "b", "c", "d", "e"];
    const graph = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)));
    fc.assert(
      fc.property(graph, (pairs) => {
        const edges = new Map(
          names.map((name) => [name, pairs.flatMap(([from, to]) => (from === name ? [to] : []))]),
        );
        const cycles = findCycles(edges);
        for (const cycle of cycles) {
          expect(cycle.at(-1)).toBe(cycle[0]);
          cycle.slice(1).forEach((to, index) => {
            expect(edges.get(cycle[index] ?? "")).toContain(to);
          });
        }
        // Whoever can be started after all others before it: all of them, unless there is a circle.
        const started = new Set<string>();
        for (const _ of names) {
          for (const name of names) {
            if ((edges.get(name) ?? []).every((to) => started.has(to))) started.add(name);
          }
        }
        expect(cycles.length > 0).toBe(started.size < names.length);
      }),
    );
  });

  it("are found at the end of a long way, soon", () => {
    const edges = Array.from({ length: 2_000 }, (_, at): [string, string[]] => [
      `${at}`,
      [`${at + 1}`],
    ]);
    expect(findCycles(new Map(edges))).toEqual([]);
    expect(findCycles(new Map([...edges, ["2000", ["1999"]]]))).toEqual([["1999", "2000", "1999"]]);
  });
});

describe("labels that begin with skep.", () => {
  it.each([
    ["services: {a: {image: x, labels: {skep.a: b}}}\n", "services.a.labels.skep.a"],
    ["services: {a: {image: x, labels: [skep.a=b]}}\n", "services.a.labels.skep.a"],
    [
      "services: {a: {image: x, deploy: {labels: {skep.owner: b}}}}\n",
      "services.a.deploy.labels.skep.owner",
    ],
    ["services: {}\nnetworks: {n: {labels: {skep.a: b}}}\n", "networks.n.labels.skep.a"],
    ["services: {}\nvolumes: {n: {labels: {skep.a: b}}}\n", "volumes.n.labels.skep.a"],
    [
      "services: {}\nconfigs: {n: {file: a, labels: {skep.content: b}}}\n",
      "configs.n.labels.skep.content",
    ],
    ["services: {}\nsecrets: {n: {file: a, labels: {skep.a: b}}}\n", "secrets.n.labels.skep.a"],
  ])("are refused, but not by the CLI: %s", (text, key) => {
    const line = text.startsWith("services: {}") ? 2 : 1;
    expect(problemsOf(draftOf(text, { contents: { a: "1" } }))).toEqual([
      `label_reserved deploy/stack.yml:${line} ${key}`,
    ]);
    expect(acceptedAsCli(text)).toBe(true);
  });
});

describe("the ratio of failures on the way back", () => {
  it.each(["1.5", "-1", "1e300"])(
    "is refused where it is none, but not by the CLI: %s",
    (ratio) => {
      const text = `services: {a: {image: x, deploy: {rollback_config: {max_failure_ratio: ${ratio}}}}}\n`;
      expect(problemsOf(draftOf(text))).toEqual([
        "bad_number deploy/stack.yml:1 services.a.deploy.rollback_config.max_failure_ratio",
      ]);
      expect(acceptedAsCli(text)).toBe(true);
    },
  );
});

describe("a folder of the repository", () => {
  it.each(["./data:/data", "~/data:/data", "{type: bind, source: data, target: /data}"])(
    "is on no node: %s",
    (volume) => {
      const text = `services:\n  a:\n    image: x\n    volumes: [${volume}]\n`;
      expect(problemsOf(draftOf(text))).toEqual([
        "bind_relative deploy/stack.yml:4 services.a.volumes[0]",
      ]);
      expect(acceptedAsCli(text)).toBe(true);
    },
  );

  it("is none where it is absolute", () => {
    const text =
      "services: {a: {image: x, volumes: ['/srv:/a', 'C:\\x:/b', 'v:/c']}}\nvolumes: {v: {}}\n";
    expect(draftOf(text).ok).toBe(true);
  });
});

describe("a mount", () => {
  it.each(["{type: tmpfs}", "{type: volume, source: v}", "{type: bind, source: /a, target: ''}"])(
    "that leads nowhere is refused, but not by the CLI: %s",
    (mount) => {
      const text = `services:\n  a:\n    image: x\n    volumes:\n      - ${mount}\nvolumes: {v: {}}\n`;
      expect(problemsOf(draftOf(text))).toEqual([
        "mount_target deploy/stack.yml:5 services.a.volumes[0]",
      ]);
      expect(acceptedAsCli(text)).toBe(true);
    },
  );
});
