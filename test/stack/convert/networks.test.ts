import { describe, expect, it } from "vitest";
import type { StackNetwork } from "../../../src/stack/model.ts";
import { modelWith, objectsOf, problemsOf, serviceBody } from "./stack-model.ts";

const NS = { "com.docker.stack.namespace": "s" };

function networkBody(parts: object): unknown {
  return {
    Name: "s_n",
    CheckDuplicate: true,
    Driver: "overlay",
    Scope: "",
    IPAM: null,
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigOnly: false,
    ConfigFrom: null,
    Options: null,
    Labels: NS,
    ...parts,
  };
}

describe("the networks of a stack", () => {
  it.each<readonly [string, StackNetwork, Record<string, unknown>]>([
    ["a plain one", {}, { s_n: networkBody({}) }],
    [
      "one with everything",
      {
        name: "fixed",
        driver: "weave",
        driverOpts: {},
        internal: true,
        attachable: true,
        labels: { x: "" },
        ipam: { driver: "default", subnets: ["10.0.0.0/24", ""] },
      },
      {
        fixed: networkBody({
          Name: "fixed",
          Driver: "weave",
          Options: {},
          Internal: true,
          Attachable: true,
          Labels: { x: "", ...NS },
          IPAM: { Driver: "default", Options: null, Config: [{ Subnet: "10.0.0.0/24" }, {}] },
        }),
      },
    ],
    [
      "one with an IPAM driver only",
      { ipam: { driver: "x", subnets: [] } },
      { s_n: networkBody({ IPAM: { Driver: "x", Options: null, Config: null } }) },
    ],
    ["not an external one", { isExternal: true }, {}],
  ])("have %s", (_title, network, bodies) => {
    const model = modelWith({ networks: { n: {} } }, { networks: { n: network, unused: {} } });
    expect(objectsOf(model).networks).toEqual(bodies);
  });

  it("have the default one only when a service names none", () => {
    expect(Object.keys(objectsOf(modelWith({})).networks)).toEqual(["s_default"]);
    expect(Object.keys(objectsOf(modelWith({ networks: {} })).networks)).toEqual(["s_default"]);
  });

  it("have the default one as the file defines it", () => {
    const model = modelWith({}, { networks: { default: { name: "x", driver: "y" } } });
    expect(objectsOf(model).networks).toEqual({ x: networkBody({ Name: "x", Driver: "y" }) });
  });
});

describe("the attachments of a service", () => {
  it("are sorted by full name and end with the service's own alias", () => {
    const model = modelWith(
      {
        networks: {
          z: { aliases: ["a", "b"], driverOpts: { o: "1" } },
          b: {},
          out: {},
          hosts: { aliases: ["x"] },
        },
      },
      {
        networks: {
          z: { name: "0" },
          b: {},
          out: { isExternal: true },
          hosts: { isExternal: true, name: "host" },
        },
      },
    );
    expect(objectsOf(model).services).toEqual({
      s_a: serviceBody({
        task: {
          Networks: [
            { Target: "0", Aliases: ["a", "b", "a"], DriverOpts: { o: "1" } },
            { Target: "host", Aliases: ["x"] },
            { Target: "out", Aliases: ["a"] },
            { Target: "s_b", Aliases: ["a"] },
          ],
        },
      }),
    });
  });

  it("are refused where the network is not defined", () => {
    expect(problemsOf(modelWith({ networks: { no: {}, default: {} } }))).toEqual([
      'undefined_network services.a.networks.no: service a: undefined network "no"',
    ]);
  });
});
