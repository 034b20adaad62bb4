import { describe, expect, it } from "vitest";
import { convertStack } from "../../../src/stack/convert/convert-stack.ts";
import type {
  StackFileObject,
  StackModel,
  StackNetwork,
  StackService,
} from "../../../src/stack/model.ts";
import { modelOf, modelWith, objectsOf, problemsOf, serviceBody } from "./stack-model.ts";

const NS = { "com.docker.stack.namespace": "s" };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const OBJECTS: Readonly<Record<string, StackFileObject>> = {
  plain: { data: bytes("x\n") },
  fixed: { name: "mine", data: bytes("y"), labels: { a: "b" }, templateDriver: "golang" },
  outside: { isExternal: true, data: bytes("not sent") },
  elsewhere: { isExternal: true, name: "there" },
};

const BODIES = {
  s_plain: { Name: "s_plain", Labels: NS, Data: "eAo=" },
  mine: { Name: "mine", Labels: { a: "b", ...NS }, Data: "eQ==", Templating: { Name: "golang" } },
};

function notesOf(model: StackModel, asCli = false): readonly string[] {
  const converted = convertStack(model, { name: "s", asCli });
  return (converted.ok ? converted.notes : converted.problems).map(
    ({ code, key }) => `${code} ${key}`,
  );
}

describe("the secrets and configs of a stack", () => {
  it("are all that are not external, used or not", () => {
    const objects = objectsOf(modelOf({ secrets: OBJECTS, configs: OBJECTS }));
    expect(objects).toEqual({ services: {}, networks: {}, secrets: BODIES, configs: BODIES });
  });

  it("have no data where a driver makes the secret", () => {
    const secrets = {
      d: { driver: "vault", driverOpts: { path: "p" } },
      e: { driver: "vault", data: bytes("x"), driverOpts: {} },
    };
    expect(objectsOf(modelOf({ secrets })).secrets).toEqual({
      s_d: { Name: "s_d", Labels: NS, Driver: { Name: "vault", Options: { path: "p" } } },
      s_e: { Name: "s_e", Labels: NS, Driver: { Name: "vault" } },
    });
  });
});

describe("two objects of one name", () => {
  it.each(["secrets", "configs"] as const)("are refused among %s unless they are equal", (kind) => {
    const object = { name: "x", data: bytes("1") };
    const problems = (other: StackFileObject): readonly string[] =>
      problemsOf(modelOf({ [kind]: { a: object, b: other } }));
    expect(problems(object)).toEqual([]);
    expect(problems({ name: "x", data: bytes("2") })).toEqual([
      expect.stringMatching(/^name_twice \w+\.b: \w+ x is defined twice, as a and as b, /),
    ]);
  });

  it("are refused among networks, if they are created", () => {
    const model = (network: StackNetwork): StackModel =>
      modelWith({ networks: { a: {}, b: {} } }, { networks: { a: { name: "x" }, b: network } });
    expect(problemsOf(model({ name: "x", internal: true }))).toHaveLength(1);
    expect(problemsOf(model({ name: "x", isExternal: true }))).toEqual([]);
  });
});

describe("the size of what is created", () => {
  it.each([
    ["secrets", "secret", 512_000],
    ["configs", "config", 1_024_000],
  ] as const)("is limited for %s", (kind, name, limit) => {
    const problems = (size: number, object: StackFileObject = {}): readonly string[] =>
      problemsOf(modelOf({ [kind]: { a: { ...object, data: new Uint8Array(size) } } }));
    const refusal = `engine_refuses ${kind}.a.file: failed to create ${name} s_a: ${name} data must be larger than 0 and less than ${limit} bytes`;
    expect(problems(0)).toEqual([refusal]);
    expect(problems(1)).toEqual([]);
    expect(problems(limit - 1)).toEqual([]);
    expect(problems(limit)).toEqual([refusal]);
    expect(problems(limit, { isExternal: true })).toEqual([]);
  });
});

describe("a service's references", () => {
  const file = (name: string): object => ({ Name: name, UID: "0", GID: "0", Mode: 292 });

  it("are sorted by name and target, with their defaults", () => {
    const list = [
      { source: "plain", target: "/z" },
      { source: "plain" },
      { source: "fixed", target: "f", uid: "1", gid: "2", mode: 0 },
      { source: "outside" },
      { source: "elsewhere" },
    ];
    const model = modelWith(
      { secrets: list, configs: list },
      { secrets: OBJECTS, configs: OBJECTS },
    );
    const sorted = [
      ["mine", { Name: "f", UID: "1", GID: "2", Mode: 0 }],
      ["outside", file("outside")],
      ["s_plain", file("/z")],
      ["s_plain", file("plain")],
      ["there", file("elsewhere")],
    ];
    expect(objectsOf(model).services).toEqual({
      s_a: serviceBody({
        container: {
          Secrets: sorted.map(([SecretName, File]) => ({ File, SecretName })),
          Configs: sorted.map(([ConfigName, File]) => ({ File, ConfigName })),
        },
      }),
    });
  });

  it("are noted where the same one is there twice, but for the CLI", () => {
    const model = modelWith(
      { secrets: [{ source: "plain" }, { source: "plain", target: "b" }] },
      { secrets: OBJECTS },
    );
    expect(notesOf(model)).toEqual(["order services.a.secrets"]);
    expect(notesOf(model, true)).toEqual([]);
  });

  it.each<readonly [string, StackService, string]>([
    [
      "to an undefined secret",
      { secrets: [{ source: "no" }] },
      'undefined_secret services.a.secrets[0]: service a: undefined secret "no"',
    ],
    [
      "to an undefined config",
      { configs: [{ source: "no" }] },
      'undefined_config services.a.configs[0]: service a: undefined config "no"',
    ],
    [
      "at the same place twice",
      { secrets: [{ source: "plain" }, { source: "fixed", target: "plain" }] },
      "duplicate_secret_target services.a.secrets[1]: service a: duplicate secret target for mine not allowed",
    ],
    [
      "by a credential spec to an undefined config",
      { credentialSpec: { config: "s_plain" } },
      'undefined_config services.a.credential_spec.config: service a: undefined config "s_plain"',
    ],
  ])("are refused %s", (_title, service, problem) => {
    const problems = problemsOf(modelWith(service, { secrets: OBJECTS, configs: OBJECTS }));
    expect(problems[0]).toBe(problem);
  });
});

describe("a credential spec", () => {
  const bodyOf = (service: StackService): unknown =>
    objectsOf(modelWith(service, { configs: OBJECTS })).services.s_a;

  it("may name a file or a registry key", () => {
    expect(bodyOf({ credentialSpec: { file: "f" } })).toEqual(
      serviceBody({
        container: {
          Privileges: {
            CredentialSpec: { Config: "", File: "f", Registry: "" },
            SELinuxContext: null,
            NoNewPrivileges: false,
          },
        },
      }),
    );
  });

  it("references the config it names", () => {
    expect(
      bodyOf({ credentialSpec: { config: "plain" }, configs: [{ source: "plain" }] }),
    ).toMatchObject({
      TaskTemplate: {
        ContainerSpec: {
          Configs: [
            { Runtime: {}, ConfigName: "s_plain" },
            { File: { Name: "plain" }, ConfigName: "s_plain" },
          ],
          Privileges: { CredentialSpec: { Config: "s_plain", File: "", Registry: "" } },
        },
      },
    });
  });

  it("is refused when it names several", () => {
    expect(problemsOf(modelWith({ credentialSpec: { file: "f", registry: "r" } }))).toEqual([
      'credential_spec_invalid services.a.credential_spec: service a: invalid credential spec: cannot specify both "File" and "Registry"',
    ]);
  });

  it("finds a config with a name of its own, which the CLI does not", () => {
    const model = modelWith({ credentialSpec: { config: "fixed" } }, { configs: OBJECTS });
    expect(notesOf(model)).toEqual(["credential_spec_name services.a.credential_spec.config"]);
    expect(notesOf(model, true)).toEqual(["credential_spec_invalid services.a.credential_spec"]);
  });
});
