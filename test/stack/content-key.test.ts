import { describe, expect, it } from "vitest";
import { contentKeyOf, contentName, type FileContent } from "../../src/stack/content-key.ts";
import { stackObjects } from "../../src/stack/objects.ts";
import { accepted, draftOf, draftService, problemsOf } from "./draft-case.ts";

const KEY = new TextEncoder().encode("server");
const PLAIN: FileContent = { data: Uint8Array.of(1, 2), templating: null, driver: null };

describe("a content's key", () => {
  it("is the same for the same content, whatever the order of its options", () => {
    const one = { name: "vault", options: { a: "1", b: "2" } };
    const driver = { Name: one.name, Options: one.options };
    const turned = { Name: "vault", Options: { b: "2", a: "1" } };
    expect(contentKeyOf(KEY, { ...PLAIN, driver })).toBe(
      contentKeyOf(KEY, { ...PLAIN, driver: turned }),
    );
    expect(contentKeyOf(KEY, PLAIN)).toMatch(/^[0-9a-f]{64}$/u);
  });

  it("is another for everything else, and for another server", () => {
    const contents: FileContent[] = [
      PLAIN,
      { ...PLAIN, data: Uint8Array.of(1, 3) },
      { ...PLAIN, data: new Uint8Array() },
      { ...PLAIN, data: null },
      { ...PLAIN, templating: "golang" },
      { ...PLAIN, driver: { Name: "vault" } },
      { ...PLAIN, driver: { Name: "vault", Options: { a: "1" } } },
    ];
    const keys = contents.map((content) => contentKeyOf(KEY, content));
    expect(new Set([...keys, contentKeyOf(new Uint8Array(), PLAIN)]).size).toBe(8);
  });
});

describe("the name of a content", () => {
  it("ends in the key's first digits", () => {
    expect(contentName("shop_app", "0123456789abcdef")).toBe("shop_app_0123456789ab");
  });

  it("has 64 characters at most, and is another for another name", () => {
    const [one, other] = ["a", "b"].map((end) =>
      contentName(`${"x".repeat(60)}${end}`, "0".repeat(64)),
    );
    expect(one).toHaveLength(64);
    expect(one).not.toBe(other);
    expect(contentName("x".repeat(51), "0".repeat(64))).toBe(`${"x".repeat(51)}_000000000000`);
  });
});

const FILES = `services:
  web:
    image: nginx
    configs: [app, fixed, given]
    secrets: [key]
configs:
  app: {file: ./app.conf, template_driver: golang}
  fixed: {name: mine, file: ../app.conf, labels: {a: b}}
  given: {external: true, name: theirs}
  unused: {external: true}
secrets:
  key: {file: key}
`;
const CONTENTS = { "./app.conf": "a=1", "../app.conf": "a=2", key: "k" };

describe("a draft's configs and secrets", () => {
  it("are told by their content, without it", () => {
    const { draft } = accepted(draftOf(FILES, { contents: CONTENTS, serverKey: KEY }));
    const labels = { "com.docker.stack.namespace": "shop-production" };
    const bytes = new TextEncoder().encode("a=1");
    expect(draft.configs).toEqual([
      {
        key: "fixed",
        cliName: "mine",
        contentKey: expect.any(String),
        path: "app.conf",
        bytes: 3,
        spec: { Name: "mine", Labels: { a: "b", ...labels } },
      },
      {
        key: "app",
        cliName: "shop-production_app",
        contentKey: contentKeyOf(KEY, { data: bytes, templating: "golang", driver: null }),
        path: "deploy/app.conf",
        bytes: 3,
        spec: { Name: "shop-production_app", Labels: labels, Templating: { Name: "golang" } },
      },
    ]);
    expect(draft.secrets).toMatchObject([{ key: "key", path: "deploy/key", bytes: 1 }]);
    expect(draft.external).toEqual({ networks: [], configs: ["theirs"], secrets: [] });
    expect(JSON.stringify(draft)).not.toContain(Buffer.from("a=1").toString("base64"));
    const { Configs } = draft.services[0]?.spec.TaskTemplate.ContainerSpec ?? {};
    expect(Configs?.map(({ ConfigName }) => ConfigName)).toEqual([
      "mine",
      "shop-production_app",
      "theirs",
    ]);
  });

  it("may be made by a driver", () => {
    const text = "services: {}\nsecrets: {key: {driver: vault, driver_opts: {a: '1'}}}\n";
    const driver = { Name: "vault", Options: { a: "1" } };
    expect(accepted(draftOf(text, { serverKey: KEY })).draft.secrets).toMatchObject([
      {
        path: null,
        bytes: 0,
        contentKey: contentKeyOf(KEY, { data: null, templating: null, driver }),
        spec: { Driver: driver },
      },
    ]);
  });

  it("are read from the repository only", () => {
    const asked = (path: string): readonly string[] =>
      problemsOf(
        draftOf(`services: {}\nconfigs:\n  a: {file: ${path}}\n`, { contents: { [path]: "x" } }),
      );
    expect(asked("../x")).toEqual([]);
    expect(asked("../../x")).toEqual(["missing_file deploy/stack.yml:3 configs.a.file"]);
    expect(asked("/etc/passwd")).toEqual(["missing_file deploy/stack.yml:3 configs.a.file"]);
    const service = "service:\n  image: a\n  env_file: ../x\n";
    expect(problemsOf(draftService(service, { contents: { "../x": "A=1" } }))).toEqual([
      "missing_file .github/skep.yml:3 service.env_file",
    ]);
    const use = { contents: { "../x": "A=1" }, appPath: "apps/web" };
    expect(problemsOf(draftService(service, use))).toEqual([]);
  });

  it.each(["configs", "secrets"])(
    "are refused above 500,000 bytes, but not by the CLI: %s",
    (kind) => {
      const read = (bytes: number, asCli: boolean): unknown => {
        const files = [{ path: "/t/s.yml", text: `services: {}\n${kind}: {a: {file: a}}\n` }];
        const readFile = (): Uint8Array => new Uint8Array(bytes);
        const result = stackObjects({ name: "s", files, readFile, variables: {}, asCli });
        return result.ok || result.problems.map(({ code, key }) => `${code} ${key}`);
      };
      expect(read(500_000, false)).toBe(true);
      expect(read(500_001, false)).toEqual([`content_too_large ${kind}.a.file`]);
      expect(read(500_001, true)).toBe(true);
    },
  );
});

describe("skep objects", () => {
  const request = {
    name: "shop",
    files: [{ path: "/tree/stack.yml", text: FILES }],
    readFile: () => new TextEncoder().encode("x"),
    variables: {},
  };

  it("names contents as a server would, and says whose the digits are", () => {
    const result = stackObjects({ ...request, asCli: false });
    if (!result.ok) throw new Error("refused");
    const names = Object.keys(result.objects.configs);
    expect(names).toEqual([
      expect.stringMatching(/^mine_[0-9a-f]{12}$/u),
      expect.stringMatching(/^shop_app_[0-9a-f]{12}$/u),
    ]);
    expect(result.objects.configs[names[0] ?? ""]).toMatchObject({
      Name: names[0],
      Data: "eA==",
      Labels: { "skep.content": expect.stringMatching(/^[0-9a-f]{64}$/u) },
    });
    expect(result.objects.services["shop_web"]).toMatchObject({
      TaskTemplate: {
        ContainerSpec: {
          Configs: [...names.map((name) => ({ ConfigName: name })), { ConfigName: "theirs" }],
          Secrets: [{ SecretName: expect.stringMatching(/^shop_key_/u) }],
        },
      },
    });
    const notes = result.notes.filter(({ code }) => code === "content_name");
    expect(notes.map(({ key }) => key)).toEqual(["configs.fixed", "configs.app", "secrets.key"]);
  });

  it("names them in credential specs", () => {
    const text =
      "services: {web: {image: a, credential_spec: {config: c}}}\nconfigs: {c: {file: c}}\n";
    const result = stackObjects({ ...request, files: [{ path: "/t/s.yml", text }], asCli: false });
    const name = expect.stringMatching(/^shop_c_[0-9a-f]{12}$/u);
    expect(result.ok && result.objects.services["shop_web"]).toMatchObject({
      TaskTemplate: {
        ContainerSpec: {
          Configs: [{ ConfigName: name }],
          Privileges: { CredentialSpec: { Config: name } },
        },
      },
    });
  });

  it("keeps their names as the CLI", () => {
    const result = stackObjects({ ...request, asCli: true });
    expect(result.ok && [result.notes, Object.keys(result.objects.configs)]).toEqual([
      [],
      ["shop_app", "mine"],
    ]);
  });
});
