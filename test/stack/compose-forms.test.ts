import { describe, expect, it } from "vitest";
import { stackObjects, type ObjectsResult } from "../../src/stack/objects.ts";
import { accepted, draftOf, notesOf } from "./draft-case.ts";

const CONTENTS = { "a.env": "A=1\n", "b.env": "B=1\n", key: "k" };

function textOf(line: string): string {
  return `services:\n  web:\n    image: nginx\n    ${line}\nsecrets: {s: {file: key}}\n`;
}

function asCli(line: string): ObjectsResult {
  return stackObjects({
    name: "s",
    files: [{ path: "/tree/stack.yml", text: textOf(line) }],
    readFile: () => Uint8Array.of(65),
    variables: {},
    asCli: true,
  });
}

describe("a form of Compose", () => {
  it.each([
    [
      'ports: [{target: 80, published: "8080"}]',
      "ports[0].published",
      { EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 8080 }] } },
    ],
    [
      "deploy: {resources: {limits: {cpus: 0.5}}}",
      "deploy.resources.limits.cpus",
      { TaskTemplate: { Resources: { Limits: { NanoCPUs: 500_000_000 } } } },
    ],
    [
      "deploy: {resources: {reservations: {cpus: 2}}}",
      "deploy.resources.reservations.cpus",
      { TaskTemplate: { Resources: { Reservations: { NanoCPUs: 2_000_000_000 } } } },
    ],
    ["user: 1000", "user", { TaskTemplate: { ContainerSpec: { User: "1000" } } }],
    [
      'secrets: [{source: s, mode: "0440"}]',
      "secrets[0].mode",
      { TaskTemplate: { ContainerSpec: { Secrets: [{ File: { Mode: 0o440 } }] } } },
    ],
    [
      "env_file: [b.env, {path: a.env, required: true}]",
      "env_file[1]",
      { TaskTemplate: { ContainerSpec: { Env: ["A=1", "B=1"] } } },
    ],
    [
      "env_file: [{path: a.env, required: false}]",
      "env_file[0]",
      { TaskTemplate: { ContainerSpec: { Env: ["A=1"] } } },
    ],
  ])("is taken and noted, but not as the CLI: %s", (line, key, spec) => {
    const result = draftOf(textOf(line), { contents: CONTENTS });
    expect(accepted(result).draft.services[0]?.spec).toMatchObject(spec);
    expect(notesOf(result, "compose_form")).toEqual([`deploy/stack.yml:4 services.web.${key}`]);
    expect(asCli(line).ok).toBe(false);
  });

  it("leaves out an env file that need not be there", () => {
    const text = textOf("env_file: [{path: c.env, required: false}]");
    const [service] = accepted(draftOf(text, { contents: CONTENTS })).draft.services;
    expect(service?.spec.TaskTemplate.ContainerSpec).not.toHaveProperty("Env");
  });

  it.each([
    'ports: [{target: 80, published: "8080-8090"}]',
    "user: 1.5",
    'secrets: [{source: s, mode: "440"}]',
    "env_file: [{path: 1}]",
    "env_file: [{path: a.env, format: raw}]",
    "env_file: [{path: c.env}]",
    "deploy: {resources: {limits: {cpus: [1]}}}",
  ])("is none: %s", (line) => {
    expect(draftOf(textOf(line), { contents: CONTENTS }).ok).toBe(false);
  });
});
