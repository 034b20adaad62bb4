import { z } from "zod";
import type { LiveVolume } from "../ports.ts";
import { labels } from "./service-spec.ts";

const volume = z.object({
  Name: z.string(),
  Driver: z.string(),
  Labels: labels,
  Options: labels,
});

/** The engine's list of volumes. */
export const volumesAnswer = z.object({ Volumes: z.array(volume).nullish() });

/** The volumes for the deployer. */
export function toLiveVolumes({ Volumes }: z.infer<typeof volumesAnswer>): readonly LiveVolume[] {
  return (Volumes ?? []).map(({ Driver, Labels, Name, Options }) => ({
    name: Name,
    driver: Driver,
    options: Options,
    labels: Labels,
  }));
}
