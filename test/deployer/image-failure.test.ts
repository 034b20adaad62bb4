import { describe, expect, it } from "vitest";
import { imageNotFound } from "../../src/deployer/docker/registry-failure.ts";
import { imageFailure } from "../../src/deployer/image-failure.ts";
import { SkepError } from "../../src/errors.ts";

const reference = "registry.example.com/shop/api:7";

describe("an image that cannot be had", () => {
  it.each([
    ["manifest unknown", "the registry does not have the image"],
    ["unauthorized: authentication required", "the registry does not let Skep have the image"],
    ["dial tcp: lookup registry.example.com: no such host", "the registry of the image"],
    ["x509: certificate signed by unknown authority", "the engine does not trust the registry of"],
  ])("is told with what it means, and the registry's words beside it: %s", (words, told) => {
    const error = imageNotFound(`looking up image ${reference}`, words);
    const failure = imageFailure(error, { reference, label: null });
    expect(failure).toMatchObject({ code: "image_not_found", phase: "build" });
    expect(failure.summary.startsWith(told)).toBe(true);
    expect(failure.summary).toContain(reference);
    expect(failure.evidence).toEqual([error.message]);
    expect(failure.nextStep).toBe(error.nextStep);
  });

  it("is told with the service's name, where there are several", () => {
    const error = imageNotFound(`looking up image ${reference}`, "manifest unknown");
    const { summary } = imageFailure(error, { reference, label: "api" });
    expect(summary).toBe(`api: the registry does not have the image ${reference}`);
  });

  it("is told in the error's own words where nothing is known of the registry", () => {
    const error = new SkepError("image_not_found", "image localhost/web:1: the engine has none");
    const failure = imageFailure(error, { reference, label: null });
    expect(failure).toMatchObject({ summary: error.message, evidence: [] });
  });
});
