import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReleaseImage } from "../../src/release.ts";
import { bindImages, type BoundImage } from "../../src/stack/draft.ts";
import { readCases, RULE_CASES } from "./cases.ts";
import { accepted, draftFiles, draftOf, draftService, problemsOf } from "./draft-case.ts";

const STACK = `services:
  web:
    build: .
    networks: [front, back, edge]
  db:
    image: postgres:17
    networks: [back]
networks:
  front: {name: a-front}
  back: {}
  edge: {external: true, name: the-edge}
  host: {external: true, name: host}
  unused: {external: true}
`;

const GIVEN: ReleaseImage = {
  reference: "postgres:17",
  buildKey: null,
  digest: null,
  imageId: null,
  platforms: null,
};

describe("a draft", () => {
  it("has the stack's own networks, and names those of others, each sorted", () => {
    const { draft } = accepted(draftOf(STACK));
    expect(draft.services.map(({ key }) => key)).toEqual(["db", "web"]);
    expect(draft.networks.map(({ Name }) => Name)).toEqual(["a-front", "shop-production_back"]);
    expect(draft.external).toEqual({ networks: ["the-edge"], configs: [], secrets: [] });
  });

  it("asks for no network that every node has", () => {
    const text = STACK.replace("[back]", "[back, host]");
    expect(accepted(draftOf(text)).draft.external.networks).toEqual(["the-edge"]);
  });

  it.each(["memory: 1e308g", 'cpus: "1e400"'])(
    "is refused for an amount beyond all: %s",
    (limit) => {
      const text = `services:\n  a:\n    image: x\n    deploy: {resources: {limits: {${limit}}}}\n`;
      const key = limit.split(":")[0];
      expect(problemsOf(draftOf(text))).toEqual([
        `bad_number deploy/stack.yml:4 services.a.deploy.resources.limits.${key}`,
      ]);
    },
  );

  it("is made or refused of whatever text, never more", () => {
    const texts = readCases(RULE_CASES).flatMap(({ request }) =>
      request.files.map(({ text }) => text),
    );
    const spoilt = fc
      .tuple(fc.constantFrom(...texts), fc.nat(400), fc.nat(12), fc.string({ maxLength: 6 }))
      .map(([text, at, length, piece]) => {
        const start = at % (text.length + 1);
        return `${text.slice(0, start)}${piece}${text.slice(start + length)}`;
      });
    fc.assert(
      fc.property(spoilt, (text) => {
        const place = ["services", "a"];
        for (const result of [draftOf(text), draftService(text, { place })]) {
          expect(result.ok || result.problems.length > 0).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is empty without any file", () => {
    expect(accepted(draftFiles([])).draft.services).toEqual([]);
  });
});

describe("the images of a stack", () => {
  const { draft } = accepted(draftOf(STACK));
  const built: BoundImage = {
    image: { ...GIVEN, reference: "localhost/acme/shop:0123456789abcdef", buildKey: "0123" },
    runs: "localhost/acme/shop:0123456789abcdef",
  };
  const db: BoundImage = { image: GIVEN, runs: `postgres:17@sha256:${"a".repeat(64)}` };

  it("are bound to its services, and named by their labels", () => {
    const stack = bindImages(draft, { web: built, db });
    expect(stack.services).toMatchObject([
      {
        key: "db",
        image: GIVEN,
        spec: {
          Labels: { "com.docker.stack.image": "postgres:17" },
          TaskTemplate: { ContainerSpec: { Image: db.runs } },
        },
      },
      {
        key: "web",
        image: built.image,
        spec: {
          Labels: { "com.docker.stack.image": built.runs },
          TaskTemplate: { ContainerSpec: { Image: built.runs } },
        },
      },
    ]);
    expect(stack.services[0]).not.toHaveProperty("build");
    expect(stack.networks).toBe(draft.networks);
  });

  it("must be there, each", () => {
    expect(() => bindImages(draft, { db })).toThrow(/service web has no image/u);
    const [web] = draft.services.filter(({ key }) => key === "web");
    const odd = { ...draft, services: web ? [{ ...web, key: "constructor" }] : [] };
    expect(() => bindImages(odd, {})).toThrow(/constructor has no image/u);
  });
});
