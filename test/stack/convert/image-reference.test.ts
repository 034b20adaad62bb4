import { describe, expect, it } from "vitest";
import { parseImageReference } from "../../../src/stack/convert/image-reference.ts";

const SHA = `sha256:${"a".repeat(64)}`;

describe("an image's name", () => {
  it.each([
    ["nginx", "nginx:latest"],
    ["nginx:1", "nginx:1"],
    ["docker.io/library/nginx", "nginx:latest"],
    ["docker.io/nginx", "nginx:latest"],
    ["index.docker.io/x/y", "x/y:latest"],
    ["library/a/b", "library/a/b:latest"],
    ["repo/x", "repo/x:latest"],
    ["localhost/x", "localhost/x:latest"],
    ["localhost:5000/y", "localhost:5000/y:latest"],
    ["[::1]:5000/y:t", "[::1]:5000/y:t"],
    ["UPPER/case", "UPPER/case:latest"],
    ["a_b.c/x", "a_b.c/x:latest"],
    [`nginx@${SHA}`, `nginx@${SHA}`],
    [`docker.io/nginx:1@${SHA}`, `nginx:1@${SHA}`],
    ["a".repeat(64), "a".repeat(64)],
    [SHA, SHA],
  ])("%s is sent as %s", (image, familiar) => {
    expect(parseImageReference(image)).toEqual({ ok: true, familiar });
  });

  it.each([
    ["", "no image specified"],
    ["a b", "invalid reference format"],
    [":x", "invalid reference format"],
    ["a:", "invalid reference format"],
    ["a/B", "invalid reference format: repository name (a/B) must be lowercase"],
    ["Nginx", "invalid reference format: repository name (library/Nginx) must be lowercase"],
    [`a@sha256:${"a".repeat(32)}`, "invalid checksum digest length"],
    [`a@md5:${"a".repeat(32)}`, "unsupported digest algorithm"],
    [`a@sha256:${"A".repeat(64)}`, "invalid checksum digest format"],
    ["a".repeat(256), "repository name must not be more than 255 characters"],
  ])("%s is refused", (image, problem) => {
    expect(parseImageReference(image)).toEqual({ ok: false, problem });
  });
});
