import { describe, expect, it } from "vitest";
import { serviceSpec } from "../../../src/deployer/docker/service-spec.ts";

describe("reading a body as a service's specification", () => {
  it("fills in what the API leaves out, and keeps what it does not know", () => {
    const TaskTemplate = { ContainerSpec: { Image: "web:1", Hostname: "web" }, Future: [1] };
    expect(serviceSpec.parse({ Name: "web", TaskTemplate, Mode: { Global: {} } })).toEqual({
      Name: "web",
      Labels: {},
      TaskTemplate: {
        ContainerSpec: {
          Image: "web:1",
          Hostname: "web",
          Labels: {},
          Privileges: { CredentialSpec: null, SELinuxContext: null },
        },
        Resources: {},
        Placement: {},
        ForceUpdate: 0,
        Future: [1],
      },
      Mode: { Global: {} },
      EndpointSpec: {},
    });
  });

  it("names the field that is not understood", () => {
    const TaskTemplate = { ContainerSpec: { Image: 1 } };
    const { error } = serviceSpec.safeParse({ Name: "web", TaskTemplate, Mode: {} });
    expect(error?.issues.map(({ path }) => path.join("."))).toEqual([
      "TaskTemplate.ContainerSpec.Image",
    ]);
  });
});
