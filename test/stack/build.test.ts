import { describe, expect, it } from "vitest";
import { stackObjects } from "../../src/stack/objects.ts";
import {
  accepted,
  draftFiles,
  draftOf,
  draftService,
  notesOf,
  problemsOf,
  type DraftUse,
} from "./draft-case.ts";

function buildOf(lines: string, use: DraftUse = {}): unknown {
  return accepted(draftOf(`services:\n  web:\n${lines}`, use)).draft.services[0]?.build;
}

const PLAIN = { dockerfile: "Dockerfile", args: {}, target: null };

describe("a build", () => {
  it.each([
    ["    build: ../app\n", { ...PLAIN, context: "app" }],
    ["    build: .\n", { ...PLAIN, context: "deploy" }],
    ["    build: {}\n", { ...PLAIN, context: "deploy" }],
    ["    build: ./..//\n", { ...PLAIN, context: "." }],
    [
      "    build: {context: ../app/./x/, dockerfile: a/../Dockerfile.prod, target: run}\n",
      { context: "app/x", dockerfile: "Dockerfile.prod", args: {}, target: "run" },
    ],
    [
      "    build: {args: {A: 1.10, B: '${V}', V: }}\n",
      { ...PLAIN, context: "deploy", args: { A: "1.1", B: "2", V: "2" } },
    ],
    ["    build: {args: [A=1, V]}\n", { ...PLAIN, context: "deploy", args: { A: "1", V: "2" } }],
  ])("of %j", (lines, build) => {
    expect(buildOf(lines, { variables: { V: "2" } })).toEqual(build);
  });

  it("starts at the app's folder for a lone service", () => {
    const use = { appPath: "apps/shop" };
    const { draft } = accepted(draftService("build: ..\n", { ...use, place: [] }));
    expect(draft.services[0]?.build).toEqual({ ...PLAIN, context: "apps" });
  });

  it("is said by several files, key by key", () => {
    const [one, two] = [
      "services: {web: {build: {context: app, args: {A: '1', B: '1'}}}}\n",
      "services: {web: {build: {target: run, args: {B: '2'}}}}\n",
    ];
    const files = [
      { path: "a.yml", text: one },
      { path: "more/b.yml", text: two },
    ];
    expect(accepted(draftFiles(files, { defaultNetwork: "own" })).draft.services[0]?.build).toEqual(
      { context: "app", dockerfile: "Dockerfile", args: { A: "1", B: "2" }, target: "run" },
    );
  });

  it.each([
    ["build: ../..", "build_path deploy/stack.yml:3 services.web.build"],
    ["build: /app", "build_path deploy/stack.yml:3 services.web.build"],
    ["build: https://example.com/a.git", "build_path deploy/stack.yml:3 services.web.build"],
    [
      "build: {dockerfile: ../Dockerfile}",
      "build_path deploy/stack.yml:3 services.web.build.dockerfile",
    ],
    [
      "build: {dockerfile: /Dockerfile}",
      "build_path deploy/stack.yml:3 services.web.build.dockerfile",
    ],
    [
      "build: {secrets: [a]}",
      "unsupported_build_key deploy/stack.yml:3 services.web.build.secrets",
    ],
    ["build: {foo: 1}", "unsupported_build_key deploy/stack.yml:3 services.web.build.foo"],
    ["build: {args: [A]}", "variable_unset deploy/stack.yml:3 services.web.build.args.A"],
    ["build: {target: 1}", "wrong_type deploy/stack.yml:3 services.web.build.target"],
    ["build: [a]", "wrong_type deploy/stack.yml:3 services.web.build"],
  ])("is refused for %s", (line, problem) => {
    const found = problemsOf(draftOf(`services:\n  web:\n    ${line}\n`));
    expect(found.map((each) => each.replace(/\.context$/u, ""))).toEqual([problem]);
  });

  it("leaves the image to be bound, and its name to Skep", () => {
    const result = draftOf("services:\n  web:\n    build: .\n    image: acme/web:1\n");
    const [service] = accepted(result).draft.services;
    expect(service?.spec.TaskTemplate.ContainerSpec.Image).toBe("");
    expect(service?.spec.Labels["com.docker.stack.image"]).toBe("");
    expect(notesOf(result, "image_name_ignored")).toEqual([
      "deploy/stack.yml:4 services.web.image",
    ]);
  });

  it("tells of keys that change nothing in the image", () => {
    const result = draftOf("services:\n  web:\n    build:\n      cache_from: [a]\n      x-a: 1\n");
    expect(notesOf(result, "ignored_key")).toEqual([
      "deploy/stack.yml:4 services.web.build.cache_from",
    ]);
  });
});

describe("skep objects", () => {
  const text = "services: {web: {build: {context: ., cache_from: [a]}, image: acme/web:1}}\n";
  const request = {
    name: "shop",
    files: [{ path: "/tree/stack.yml", text }],
    readFile: () => null,
    variables: {},
  };

  it("honours a build, but not as the CLI", () => {
    const own = stackObjects({ ...request, asCli: false });
    const cli = stackObjects({ ...request, asCli: true });
    const image = (result: typeof own): unknown =>
      result.ok && Reflect.get(Object(result.objects.services["shop_web"]?.Labels), IMAGE);
    expect(image(own)).toBe("localhost/shop/web:built");
    expect(own.ok && own.notes.map(({ code }) => code)).toEqual([
      "ignored_key",
      "image_name_ignored",
      "update_defaults",
      "build_honoured",
    ]);
    expect(image(cli)).toBe("acme/web:1");
    expect(cli.ok && cli.notes).toEqual([]);
  });

  it("needs an image as the CLI", () => {
    const files = [{ path: "/tree/stack.yml", text: "services: {web: {build: .}}\n" }];
    expect(stackObjects({ ...request, files, asCli: true })).toMatchObject({
      ok: false,
      problems: [{ code: "image_missing" }],
    });
  });
});

const IMAGE = "com.docker.stack.image";
