import { describe, expect, it } from "vitest";
import { accepted, draftFiles, draftService, problemsOf, type DraftUse } from "./draft-case.ts";

const SERVICE = "service:\n  image: nginx:1\n";

function networksOf(text: string, use: DraftUse = {}): unknown {
  const [service] = accepted(draftService(text, use)).draft.services;
  return service?.spec.TaskTemplate.Networks;
}

describe("a lone service", () => {
  it("is the one service of its stack", () => {
    const { draft } = accepted(draftService(SERVICE));
    expect(draft.services).toMatchObject([
      {
        key: "web",
        spec: {
          Name: "shop-production_web",
          TaskTemplate: { ContainerSpec: { Image: "nginx:1" } },
        },
        build: null,
        dependsOn: [],
      },
    ]);
    expect(draft.networks).toEqual([]);
  });

  it("stands wherever its place says, be it the whole file", () => {
    const apps = "apps:\n  shop:\n    service: {image: nginx:2}\n";
    const place = ["apps", "shop", "service"];
    const image = (result: ReturnType<typeof draftService>): unknown =>
      accepted(result).draft.services[0]?.spec.TaskTemplate.ContainerSpec.Image;
    expect(image(draftService(apps, { place }))).toBe("nginx:2");
    expect(image(draftService("image: nginx:3\n", { place: [] }))).toBe("nginx:3");
  });

  it("takes anchors of the whole file, and variables", () => {
    const text = "x-env: &env {A: '${A}'}\nservice:\n  image: nginx\n  environment: *env\n";
    const [service] = accepted(draftService(text, { variables: { A: "1" } })).draft.services;
    expect(service?.spec.TaskTemplate.ContainerSpec.Env).toEqual(["A=1"]);
  });

  it("names networks that are there already", () => {
    const text = `${SERVICE}  networks: [backend, apps]\n`;
    expect(networksOf(text, { defaultNetwork: { external: "edge" } })).toEqual([
      { Target: "apps", Aliases: ["web"] },
      { Target: "backend", Aliases: ["web"] },
    ]);
    const { draft } = accepted(draftService(text));
    expect(draft.networks).toEqual([]);
    expect(draft.external.networks).toEqual(["apps", "backend"]);
  });

  it("joins what it shall join when it names no network", () => {
    expect(networksOf(SERVICE)).toBeUndefined();
    expect(networksOf(SERVICE, { defaultNetwork: { external: "edge" } })).toEqual([
      { Target: "edge", Aliases: ["web"] },
    ]);
    expect(networksOf(SERVICE, { defaultNetwork: "own" })).toEqual([
      { Target: "shop-production_default", Aliases: ["web"] },
    ]);
    const own = accepted(draftService(SERVICE, { defaultNetwork: "own" })).draft;
    expect(own.networks).toMatchObject([{ Name: "shop-production_default" }]);
    const edge = accepted(draftService(SERVICE, { defaultNetwork: { external: "edge" } })).draft;
    expect(edge).toMatchObject({ networks: [], external: { networks: ["edge"] } });
  });

  it("declares volumes by naming them", () => {
    const text = `${SERVICE}  volumes: [data:/data]\n`;
    const [service] = accepted(draftService(text)).draft.services;
    expect(service?.spec.TaskTemplate.ContainerSpec.Mounts).toMatchObject([
      { Type: "volume", Source: "shop-production_data", Target: "/data" },
    ]);
  });

  it("may be changed by a Compose file", () => {
    const result = draftFiles([
      { path: ".github/skep.yml", text: SERVICE, service: { name: "web", place: ["service"] } },
      { path: "more.yml", text: "version: '3.8'\nservices: {web: {image: nginx:2}}\n" },
    ]);
    expect(accepted(result).draft.services[0]?.spec.Labels).toMatchObject({
      "com.docker.stack.image": "nginx:2",
    });
  });

  it.each([
    ["a wrong key", `${SERVICE}  foo: 1\n`, "unknown_key .github/skep.yml:3 service.foo"],
    ["a wrong port", `${SERVICE}  ports: [x]\n`, "bad_format .github/skep.yml:3 service.ports[0]"],
    ["nothing to run", "service:\n  user: a\n", "image_missing .github/skep.yml:1 service"],
    ["nothing at all", "a: 1\n", "image_missing .github/skep.yml:1 service"],
    ["nothing in it", "service:\n", "image_missing .github/skep.yml:1 service"],
    ["no mapping", "service: web\n", "wrong_type .github/skep.yml:1 service"],
    ["no YAML", "service: [\n", "yaml_syntax .github/skep.yml:2 "],
    [
      "a faulty setting",
      `${SERVICE}  deploy:\n    mode: x\n`,
      "mode_unknown .github/skep.yml:4 service.deploy.mode",
    ],
    [
      "a secret",
      `${SERVICE}  secrets: [key]\n`,
      "undefined_secret .github/skep.yml:3 service.secrets[0]",
    ],
  ])("is refused for %s, with its key and line in the file", (_, text, problem) => {
    expect(problemsOf(draftService(text))).toEqual([problem]);
  });

  it("tells keys without a prefix where it is the whole file", () => {
    expect(problemsOf(draftService("image: a\nfoo: 1\n", { place: [] }))).toEqual([
      "unknown_key .github/skep.yml:2 foo",
    ]);
    expect(problemsOf(draftService("image: a\ndeploy: {mode: x}\n", { place: [] }))).toEqual([
      "mode_unknown .github/skep.yml:2 deploy.mode",
    ]);
  });

  it("is told what to do where it needs what only Compose files have", () => {
    const result = draftService(`${SERVICE}  configs: [app]\n`);
    expect(result.ok ? "" : result.problems[0]?.message).toMatch(/Compose files \(`stack`\)/u);
  });

  it("finds the place of a key of the stack", () => {
    const { locate } = accepted(draftService(`${SERVICE}  ports:\n    - 80\n`));
    expect(locate("services.web.ports[0]")).toEqual({
      file: ".github/skep.yml",
      line: 4,
      key: "service.ports[0]",
    });
    expect(locate("networks.default")).toMatchObject({ line: 1, key: "service" });
  });
});
