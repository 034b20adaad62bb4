import { z } from "zod";
import type { LiveNode } from "../ports.ts";
import { labels } from "./service-spec.ts";

/** A node in the engine's list. One that has not joined yet does not describe itself. */
export const nodeAnswer = z.object({
  ID: z.string(),
  Spec: z.object({
    Labels: labels,
    Role: z.enum(["manager", "worker"]),
    Availability: z.enum(["active", "pause", "drain"]),
  }),
  Description: z
    .object({
      Hostname: z.string().default(""),
      Platform: z
        .object({ OS: z.string().default(""), Architecture: z.string().default("") })
        .default({ OS: "", Architecture: "" }),
      Resources: z
        .object({ NanoCPUs: z.number().default(0), MemoryBytes: z.number().default(0) })
        .default({ NanoCPUs: 0, MemoryBytes: 0 }),
      Engine: z.object({ Labels: labels }).default({ Labels: {} }),
    })
    .optional(),
  Status: z.object({ State: z.string() }),
});

/** The kernel's names of machines, in the words of images. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  aarch64: "arm64",
  armv6l: "arm",
  armv7l: "arm",
  i386: "386",
  i686: "386",
  x86_64: "amd64",
};

/** The node for the deployer. */
export function toLiveNode({
  ID,
  Spec,
  Description,
  Status,
}: z.infer<typeof nodeAnswer>): LiveNode {
  const architecture = Description?.Platform.Architecture ?? "";
  return {
    id: ID,
    hostname: Description?.Hostname ?? "",
    role: Spec.Role,
    availability: Spec.Availability,
    state: Status.State,
    labels: Spec.Labels,
    engineLabels: Description?.Engine.Labels ?? {},
    platform: {
      os: Description?.Platform.OS ?? "",
      architecture: ARCHITECTURES[architecture] ?? architecture,
    },
    nanoCpus: Description?.Resources.NanoCPUs ?? 0,
    memoryBytes: Description?.Resources.MemoryBytes ?? 0,
  };
}
