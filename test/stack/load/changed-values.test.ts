import { describe, expect, it } from "vitest";
import { stackObjects } from "../../../src/stack/objects.ts";
import { draftOf, draftService, notesOf, accepted } from "../draft-case.ts";

function messages(text: string): readonly string[] {
  return accepted(draftOf(text))
    .notes.filter(({ code }) => code === "changed_value")
    .map(({ line, key, message }) => `${line} ${key} ${message}`);
}

describe("values that Docker writes in another way", () => {
  it.each([
    ["1.10", "1.1"],
    ["0123", "83"],
    ["0x1F", "31"],
    ["1_000", "1000"],
    ["1e3", "1000"],
    ["+5", "5"],
    ["2020-01-01", "2020-01-01 00:00:00 +0000 UTC"],
  ])("%s is told", (written, printed) => {
    const text = `services:\n  web:\n    image: x\n    environment:\n      V: ${written}\n`;
    expect(messages(text)).toEqual([
      `5 services.web.environment.V Docker reads this as ${printed}: write "${written}" in quotes to keep it as it is.`,
    ]);
  });

  it.each(["1.1", "5", "0", "-3", "'1.10'", '"0123"', "1.10.2", "v1.10", "yes", ""])(
    "%s is not",
    (written) => {
      const text = `services: {web: {image: x, environment: {V: ${written}}, labels: ['a=1.10']}}`;
      expect(messages(text)).toEqual([]);
    },
  );

  it("wherever a text is made of them, also through anchors and merges", () => {
    const text = [
      "x-a: &v 1.10",
      "x-b: &b {M: 0123}",
      "services:",
      "  web:",
      "    image: x",
      "    user: 0123",
      "    environment: {<<: *b, A: *v}",
      "    labels: {l: 1.0}",
      "    deploy: {labels: {d: 1.0}, replicas: 0x2}",
      "    build: {context: ., args: {B: 1.0}}",
      "    logging: {driver: json-file, options: {max-file: 03}}",
      "    sysctls: {net.core.somaxconn: 1_024}",
      "    networks: {n: {driver_opts: {o: 1.0}}}",
      "networks: {n: {labels: {a: 1.0}, driver_opts: {o: 1.0}}}",
      "volumes: {v: {labels: {a: 1.0}, driver_opts: {o: 1.0}}}",
      "secrets: {s: {external: true}}",
    ].join("\n");
    expect(new Set(notesOf(draftOf(text), "changed_value"))).toEqual(
      new Set([
        "deploy/stack.yml:6 services.web.user",
        "deploy/stack.yml:2 services.web.environment.M",
        "deploy/stack.yml:7 services.web.environment.A",
        "deploy/stack.yml:8 services.web.labels.l",
        "deploy/stack.yml:9 services.web.deploy.labels.d",
        "deploy/stack.yml:10 services.web.build.args.B",
        "deploy/stack.yml:11 services.web.logging.options.max-file",
        "deploy/stack.yml:12 services.web.sysctls.net.core.somaxconn",
        "deploy/stack.yml:13 services.web.networks.n.driver_opts.o",
        "deploy/stack.yml:14 networks.n.labels.a",
        "deploy/stack.yml:14 networks.n.driver_opts.o",
        "deploy/stack.yml:15 volumes.v.labels.a",
        "deploy/stack.yml:15 volumes.v.driver_opts.o",
      ]),
    );
  });

  it("also in a lone service, where it stands in the file", () => {
    const text = "service:\n  image: x\n  environment:\n    V: 1.10\n";
    expect(notesOf(draftService(text), "changed_value")).toEqual([
      ".github/skep.yml:4 service.environment.V",
    ]);
  });

  it("are what they are as the CLI, and in Skep's mode too", () => {
    const text = "services: {web: {image: x, environment: {V: 1.10}}}";
    for (const asCli of [true, false]) {
      const files = [{ path: "/tree/stack.yml", text }];
      const result = stackObjects({ name: "s", files, readFile: () => null, variables: {}, asCli });
      expect(JSON.stringify(result)).toContain('"V=1.1"');
      expect(result.ok && result.notes.some(({ code }) => code === "changed_value")).toBe(!asCli);
    }
  });
});
