import { describe, expect, it } from "vitest";
import {
  isContentReference,
  isEngineImage,
  registryHost,
  registryOf,
  splitReference,
  withTag,
} from "../../src/deployer/image-name.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

describe("an image's name", () => {
  it.each([
    ["web", "web", null, null],
    ["web:1", "web", "1", null],
    [`web@${DIGEST}`, "web", null, DIGEST],
    [`web:1@${DIGEST}`, "web", "1", DIGEST],
    ["registry.example.com:5000/web", "registry.example.com:5000/web", null, null],
    ["registry.example.com:5000/a/web:1", "registry.example.com:5000/a/web", "1", null],
    [`127.0.0.1:5000/web:1@${DIGEST}`, "127.0.0.1:5000/web", "1", DIGEST],
  ])("%s is taken apart", (reference, name, tag, digest) => {
    expect(splitReference(reference)).toEqual({ name, tag, digest });
  });

  it.each([
    ["web", "web:latest"],
    ["web:1", "web:1"],
    ["registry.example.com:5000/web", "registry.example.com:5000/web:latest"],
    [`web@${DIGEST}`, `web@${DIGEST}`],
  ])("%s means %s", (reference, meant) => {
    expect(withTag(reference)).toBe(meant);
  });

  it.each([
    ["web:1", "docker.io"],
    ["acme/web:1", "docker.io"],
    ["docker.io/acme/web", "docker.io"],
    ["index.docker.io/acme/web", "docker.io"],
    ["localhost/web:1", "localhost"],
    ["localhost:5000/web", "localhost:5000"],
    ["registry:5000/web", "registry:5000"],
    ["registry.example.com/team/web", "registry.example.com"],
    ["Registry.Example.com/team/web", "registry.example.com"],
    ["registry.example.com", "docker.io"],
    ["acme/registry.example.com/web", "docker.io"],
  ])("%s is looked for in %s", (reference, host) => {
    expect(registryOf(reference)).toBe(host);
  });

  it.each([
    ["registry.example.com", "registry.example.com"],
    ["https://registry.example.com/v2/", "registry.example.com"],
    ["http://127.0.0.1:5000", "127.0.0.1:5000"],
    ["https://index.docker.io/v1/", "docker.io"],
  ])("the registry at %s is %s", (address, host) => {
    expect(registryHost(address)).toBe(host);
  });

  it.each([
    [`web@${DIGEST}`, true, false],
    [DIGEST, true, false],
    ["a".repeat(64), true, false],
    ["web:1", false, false],
    ["localhost/web:1", false, true],
    ["localhost:5000/web:1", false, false],
    ["localhost.example.com/web:1", false, false],
  ])("%s: content %s, of the engine %s", (reference, isContent, isEngines) => {
    expect(isContentReference(reference)).toBe(isContent);
    expect(isEngineImage(reference)).toBe(isEngines);
  });
});
