import { describe, expect, it } from "vitest";
import type { StackPlan } from "../../../src/deployer/plan/stack-plan.ts";
import { aFile, aLiveFile, aLiveService, aService, aSpec, keyOf, plan } from "./stacks.ts";

const OTHER_KEY = "0".repeat(64);

/** `<kind> <name>` of each config and secret. */
function told({ files }: StackPlan): readonly string[] {
  return files.map(({ kind, spec }) => `${kind} ${spec.Name}`);
}

function versioned(cliName: string, text: string): string {
  return `${cliName}_${keyOf(text).slice(0, 12)}`;
}

/** A live service that refers to a config and to a secret. */
function user(config: string, secret = "none") {
  const File = { Name: "/t", UID: "0", GID: "0", Mode: 0o444 };
  const container = {
    Configs: [{ ConfigName: config, File }],
    Secrets: [{ SecretName: secret, File }],
  };
  return aLiveService(aSpec("web", { container }));
}

describe("names of configs and secrets", () => {
  const conf = aFile("conf", "text");
  const labelled = (text: string) => ({
    labels: { "com.docker.stack.namespace": "shop", "skep.content": keyOf(text) },
  });

  it("creates what is not there under a name of its content", () => {
    const planned = plan({ configs: [conf], secrets: [aFile("key", "s")] });
    expect(told(planned)).toEqual([
      `create ${versioned("shop_conf", "text")}`,
      `create ${versioned("shop_key", "s")}`,
    ]);
    expect(planned.files[0]?.spec).toEqual({
      Name: versioned("shop_conf", "text"),
      Labels: labelled("text").labels,
    });
  });

  it.each<[string, readonly ReturnType<typeof aLiveFile>[], string, string]>([
    [
      "the one in use",
      [
        aLiveFile("shop_conf", "text"),
        aLiveFile(versioned("shop_conf", "text"), "text", labelled("text")),
      ],
      "shop_conf",
      "label shop_conf",
    ],
    [
      "the versioned one, when both are in no use",
      [
        aLiveFile("shop_conf", "text"),
        aLiveFile(versioned("shop_conf", "text"), "text", labelled("text")),
      ],
      "none",
      `keep ${versioned("shop_conf", "text")}`,
    ],
    ["the CLI's", [aLiveFile("shop_conf", "text")], "none", "label shop_conf"],
    [
      "one in use under an older key of the server",
      [
        aLiveFile("shop_conf_0123456789ab", "text", {
          labels: { "com.docker.stack.namespace": "shop", "skep.content": OTHER_KEY },
        }),
      ],
      "shop_conf_0123456789ab",
      "label shop_conf_0123456789ab",
    ],
    [
      "one in use under another name",
      [aLiveFile("shop_old", "text")],
      "shop_old",
      "label shop_old",
    ],
    [
      "none in no use under another name",
      [aLiveFile("shop_old", "text")],
      "none",
      `create ${versioned("shop_conf", "text")}`,
    ],
    [
      "none of other content",
      [aLiveFile("shop_conf", "other")],
      "shop_conf",
      `create ${versioned("shop_conf", "text")}`,
    ],
    [
      "none of another template driver",
      [aLiveFile("shop_conf", "text", { templating: "golang" })],
      "shop_conf",
      `create ${versioned("shop_conf", "text")}`,
    ],
    [
      "none of another stack",
      [aLiveFile("shop_conf", "text", { labels: { "com.docker.stack.namespace": "other" } })],
      "shop_conf",
      `create ${versioned("shop_conf", "text")}`,
    ],
    [
      "none without a stack",
      [aLiveFile("shop_conf", "text", { labels: {} })],
      "shop_conf",
      `create ${versioned("shop_conf", "text")}`,
    ],
    [
      "never Skep's own mark",
      [aLiveFile("shop_release", "text")],
      "shop_release",
      `create ${versioned("shop_conf", "text")}`,
    ],
  ])("takes %s", (_, configs, inUse, expected) => {
    expect(told(plan({ configs: [conf] }, { configs, services: [user(inUse)] }))).toEqual([
      expected,
    ]);
  });

  it("takes a labelled secret by its label", () => {
    const secrets = [aLiveFile("shop_conf", null, labelled("text"))];
    expect(told(plan({ secrets: [conf] }, { secrets }))).toEqual(["keep shop_conf"]);
    const others = [aLiveFile("shop_conf", null, labelled("other"))];
    const services = [user("none", "shop_conf")];
    expect(told(plan({ secrets: [conf] }, { secrets: others, services }))).toEqual([
      `create ${versioned("shop_conf", "text")}`,
    ]);
  });

  it("takes a secret that nobody can read for equal when it is in use, and says so", () => {
    const secrets = [aLiveFile("shop_conf", null)];
    const planned = plan({ secrets: [conf] }, { secrets, services: [user("none", "shop_conf")] });
    expect(told(planned)).toEqual(["label shop_conf"]);
    expect(planned.files[0]?.spec.Labels).toEqual(labelled("text").labels);
    expect(planned.operations.find(({ target }) => target === "secret shop_conf")).toEqual({
      kind: "update",
      target: "secret shop_conf",
      reason: "it is in use, and no label says what it holds",
      effect: "none",
      changes: [],
      risks: [
        {
          code: "secret_unread",
          text: "shop_conf cannot be read: it is taken to hold what deploy/conf says",
        },
      ],
    });
    expect(told(plan({ secrets: [conf] }, { secrets }))).toEqual([
      `create ${versioned("shop_conf", "text")}`,
    ]);
  });

  it("prefers a secret that it knows to one that it cannot read", () => {
    const name = versioned("shop_conf", "text");
    const secrets = [aLiveFile("shop_conf", null), aLiveFile(name, null, labelled("text"))];
    const services = [user("none", "shop_conf")];
    expect(told(plan({ secrets: [conf] }, { secrets, services }))).toEqual([`keep ${name}`]);
  });

  it("gives no object to two files", () => {
    const configs = [aFile("a", "text"), aFile("b", "text")];
    const live = { configs: [aLiveFile("shop_a", "text")], services: [user("shop_a")] };
    expect(told(plan({ configs }, live))).toEqual([
      "label shop_a",
      `create ${versioned("shop_b", "text")}`,
    ]);
    const renamed = { configs: [aLiveFile("shop_z", "text")], services: [user("shop_z")] };
    expect(told(plan({ configs }, renamed))).toEqual([
      "label shop_z",
      `create ${versioned("shop_b", "text")}`,
    ]);
  });

  it("takes the first by name of those that are in use, whatever their order", () => {
    const configs = [aLiveFile("shop_y", "text"), aLiveFile("shop_z", "text")];
    const services = [user("shop_y"), aLiveService(user("shop_z").spec, { id: "other" })];
    for (const live of [configs, configs.toReversed()]) {
      expect(told(plan({ configs: [conf] }, { configs: live, services }))).toEqual([
        "label shop_y",
      ]);
    }
  });

  it("does not take what looks like its version but is another file", () => {
    const other = "shop_a_0123456789ab";
    const configs = [aFile("a", "text"), aFile("other", "new", { cliName: other })];
    const live = { configs: [aLiveFile(other, "text")], services: [user(other)] };
    expect(told(plan({ configs }, live))).toEqual([
      `create ${versioned("shop_a", "text")}`,
      `create ${versioned(other, "new")}`,
    ]);
  });

  it("does not take what another file is called", () => {
    const configs = [aFile("a", "text"), aFile("b", "new")];
    const live = { configs: [aLiveFile("shop_b", "text")], services: [user("shop_b")] };
    expect(told(plan({ configs }, live))).toEqual([
      `create ${versioned("shop_a", "text")}`,
      `create ${versioned("shop_b", "new")}`,
    ]);
  });

  it("shortens long names and keeps them apart, and finds them again", () => {
    const long = "shop_".padEnd(60, "x");
    const configs = ["1", "2"].map((end) => aFile(end, "text", { cliName: `${long}${end}` }));
    const planned = plan({ configs });
    const names = planned.files.map(({ spec }) => spec.Name);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^shop_x{46}_[0-9a-f]{12}$/u);
    const live = planned.files.map(({ spec }) =>
      aLiveFile(spec.Name, "text", { labels: spec.Labels }),
    );
    expect(told(plan({ configs }, { configs: live }))).toEqual(names.map((name) => `keep ${name}`));
  });

  it("tells a new version from a new file", () => {
    const reasons = (live: Parameters<typeof plan>[1]): unknown =>
      plan({ configs: [conf] }, live).operations[0]?.reason;
    expect(reasons({})).toBe("it does not exist yet");
    expect(reasons({ configs: [aLiveFile("shop_conf", "old")] })).toBe("its content is new");
  });

  it("writes labels that differ, secrets masked", () => {
    const live = aLiveFile("shop_conf", "text", {
      labels: { ...labelled("text").labels, gone: "1", "skep.other": "x" },
    });
    const spec = { ...conf.spec, Labels: { ...conf.spec.Labels, api_key: "hunter2" } };
    const planned = plan({ configs: [{ ...conf, spec }] }, { configs: [live] });
    expect(told(planned)).toEqual(["label shop_conf"]);
    expect(planned.operations[0]).toMatchObject({
      kind: "update",
      reason: "its labels differ",
      changes: ["labels.api_key: (none) → ***", "labels.gone: 1 → (none)"],
    });
  });

  it("never passes data on", () => {
    const spec = { ...conf.spec, Data: "c2VjcmV0" };
    expect(JSON.stringify(plan({ secrets: [{ ...conf, spec }] }).files[0]?.spec)).not.toContain(
      "c2VjcmV0",
    );
  });
});

describe("references to configs and secrets", () => {
  it("carry the final names; those of others stay", () => {
    const File = { Name: "/t", UID: "0", GID: "0", Mode: 0o444 };
    const container = {
      Configs: [
        { ConfigName: "shop_conf", File },
        { ConfigName: "external", File },
      ],
      Secrets: [{ SecretName: "shop_key", File }],
      Privileges: {
        CredentialSpec: { Config: "shop_conf", File: "", Registry: "" },
        SELinuxContext: null,
      },
    };
    const configs = [aFile("conf", "text")];
    const secrets = [aFile("key", "s")];
    const { services } = plan({ services: [aService("web", { container })], configs, secrets });
    const name = versioned("shop_conf", "text");
    expect(services[0]?.spec.TaskTemplate.ContainerSpec).toMatchObject({
      Configs: [
        { ConfigName: name, File },
        { ConfigName: "external", File },
      ],
      Secrets: [{ SecretName: versioned("shop_key", "s"), File }],
      Privileges: { CredentialSpec: { Config: name } },
    });
  });
});
