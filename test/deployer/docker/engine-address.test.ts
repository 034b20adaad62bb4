import { describe, expect, it } from "vitest";
import {
  describeAddress,
  parseEngineAddress,
} from "../../../src/deployer/docker/engine-address.ts";

describe("address of an engine", () => {
  it.each([
    [undefined, "unix:///var/run/docker.sock"],
    ["", "unix:///var/run/docker.sock"],
    ["unix://", "unix:///var/run/docker.sock"],
    ["unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock"],
    ["tcp://swarm.example", "tcp://swarm.example:2375"],
    ["tcp://10.0.0.1:80", "tcp://10.0.0.1:80"],
    ["tcp://10.0.0.1:2377/", "tcp://10.0.0.1:2377"],
    ["tcp://[::1]:2375", "tcp://[::1]:2375"],
  ])("reads %s", (host, address) => {
    expect(describeAddress(parseEngineAddress(host))).toBe(address);
  });

  it.each([
    "docker.sock",
    "unix://docker.sock",
    "ssh://host",
    "tcp://",
    "tcp://host:99999",
    "tcp://host/path",
    "tcp://me:secret@host",
  ])("refuses %s", (host) => {
    expect(() => parseEngineAddress(host)).toThrow(
      expect.objectContaining({ code: "settings_invalid", nextStep: expect.any(String) }),
    );
  });
});
