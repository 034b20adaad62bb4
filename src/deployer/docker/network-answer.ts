import { z } from "zod";
import type { LiveNetwork } from "../ports.ts";
import { labels } from "./service-spec.ts";

/** What the engine adds to the options of each overlay network. */
const ADDED_OPTION = "com.docker.network.driver.overlay.vxlanid_list";

/** A network in the engine's list. */
export const networkAnswer = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Scope: z.string(),
  Internal: z.boolean().default(false),
  Attachable: z.boolean().default(false),
  Ingress: z.boolean().default(false),
  Labels: labels,
  Options: labels,
  IPAM: z
    .object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullish() })
    .nullish(),
  Containers: z.looseObject({}).nullish(),
  Peers: z.array(z.unknown()).nullish(),
});

/** One of these answers. */
export type NetworkAnswer = z.infer<typeof networkAnswer>;

/**
 * Whether the Swarm has the network. One that it has no more goes on being listed, and keeping its name, until the
 * last container on this engine has left it; only then does the engine tell what it alone knows of it.
 */
export function isAlive({ Containers, Peers }: NetworkAnswer): boolean {
  return !Containers && (Peers ?? []).length === 0;
}

/** The network for the deployer. */
export function toLiveNetwork(answer: NetworkAnswer): LiveNetwork {
  const { [ADDED_OPTION]: _added, ...options } = answer.Options;
  return {
    id: answer.Id,
    name: answer.Name,
    driver: answer.Driver,
    labels: answer.Labels,
    options,
    isInternal: answer.Internal,
    isAttachable: answer.Attachable,
    isIngress: answer.Ingress,
    subnets: subnetsOf(answer),
  };
}

/** In CIDR notation. */
export function subnetsOf({ IPAM }: NetworkAnswer): readonly string[] {
  return (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet ? [Subnet] : []));
}
