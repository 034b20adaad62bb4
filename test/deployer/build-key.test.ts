import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildTag, buildKey, type BuildInput } from "../../src/deployer/build-key.ts";

const input: BuildInput = {
  contextTree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  dockerfilePath: "Dockerfile",
  dockerfileId: "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
  args: { A: "1", B: "2" },
  target: null,
  platform: "linux/amd64",
};

describe("buildKey", () => {
  it("is stable: a changed key would rebuild every image", () => {
    expect(buildKey(input)).toBe(
      "854ea67268695fb8e7f2da0682a86acdab9cb9ea1cb46966af2d31b2731157f4",
    );
  });

  it("does not depend on the order of the arguments", () => {
    expect(buildKey({ ...input, args: { B: "2", A: "1" } })).toBe(buildKey(input));
  });

  it.each<[string, Partial<BuildInput>]>([
    ["another tree", { contextTree: "a".repeat(40) }],
    ["another Dockerfile", { dockerfileId: "b".repeat(40) }],
    ["another Dockerfile path", { dockerfilePath: "docker/Dockerfile" }],
    ["another argument", { args: { A: "1", B: "3" } }],
    ["one argument less", { args: { A: "1" } }],
    ["another target", { target: "prod" }],
    ["another platform", { platform: "linux/arm64" }],
    ["a target named null", { target: "null" }],
  ])("changes with %s", (_, change) => {
    expect(buildKey({ ...input, ...change })).not.toBe(buildKey(input));
  });

  it("never confuses one argument list with another", () => {
    const args = fc.dictionary(fc.string({ maxLength: 4 }), fc.string({ maxLength: 4 }), {
      maxKeys: 4,
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(args, args, (a, b) => {
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(buildKey({ ...input, args: a }) === buildKey({ ...input, args: b })).toBe(same);
      }),
    );
  });
});

function sorted(args: Record<string, string>): [string, string][] {
  return Object.entries(args).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

describe("buildTag", () => {
  const key = "0123456789abcdef".repeat(4);

  it.each([
    [null, "acme", "shop", "localhost/acme/shop:0123456789abcdef"],
    [null, "Acme-Corp", "Shop_API", "localhost/acme-corp/shop-api:0123456789abcdef"],
    [null, "-x-", "..", "localhost/x/app:0123456789abcdef"],
    ["127.0.0.1:5000", "acme", "shop", "127.0.0.1:5000/acme/shop:0123456789abcdef"],
    [
      "registry.example.com/team",
      "acme",
      "shop",
      "registry.example.com/team/acme/shop:0123456789abcdef",
    ],
  ])("names, with registry %s, %s/%s %s", (registry, owner, app, image) => {
    expect(buildTag({ registry, owner, app, key })).toBe(image);
  });

  it("is a valid reference whatever the names are", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "binary" }), (owner, app) => {
        expect(buildTag({ registry: null, owner, app, key })).toMatch(
          /^localhost\/[a-z0-9]+(-[a-z0-9]+)*\/[a-z0-9]+(-[a-z0-9]+)*:[0-9a-f]{16}$/,
        );
      }),
    );
  });
});
