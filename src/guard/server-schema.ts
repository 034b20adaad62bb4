import { z } from "zod";
import { mapping, text } from "../policy/config/fields.ts";
import {
  binds,
  capabilities,
  count,
  cpuLimit,
  flag,
  memoryLimit,
  portRanges,
  textsLike,
} from "./server-fields.ts";

const REPOSITORY = /^(?:\*|[\w.*-]+\/[\w.*-]+)$/u;
const NAME = /^[\w.*-]+$/u;
/** What stands for everything would one day stand for something that nobody thought of. */
const EXACT = /^[\w./:@-]+$/u;

const repositories = textsLike("acme/*", REPOSITORY);

/** `allow[].limits` */
export const limitKeys = z.strictObject({
  cpus: cpuLimit.optional(),
  memory: memoryLimit.optional(),
  replicas: count(10_000).optional(),
  services: count(1_000).optional(),
});

/** `allow[]` */
export const allowKeys = z.strictObject({
  repositories,
  published_ports: portRanges.optional(),
  bind_mounts: binds.optional(),
  volume_drivers: textsLike("local", EXACT).optional(),
  cap_add: capabilities.optional(),
  sysctls: textsLike("net.core.somaxconn", /^[a-z0-9_.*-]+$/u).optional(),
  ulimits: textsLike("nofile", /^[a-z]+$/u).optional(),
  generic_resources: textsLike("gpu", EXACT).optional(),
  host_network: flag.optional(),
  manager_nodes: flag.optional(),
  registries: textsLike("registry.example.com/acme", /^[\w.*:/[\]-]+$/u).optional(),
  log_drivers: textsLike("json-file", EXACT).optional(),
  networks: textsLike("proxy", NAME).optional(),
  network_drivers: textsLike("overlay", EXACT).optional(),
  network_options: textsLike("encrypted", EXACT).optional(),
  volumes: textsLike("shared-*", NAME).optional(),
  configs: textsLike("proxy-*", NAME).optional(),
  secrets: textsLike("tls-*", NAME).optional(),
  secret_drivers: textsLike("vault", EXACT).optional(),
  credential_specs: flag.optional(),
  hosts: textsLike("*.shop.example.com", /^[\p{L}\p{N}_.*-]+$/u).optional(),
  limits: mapping(limitKeys).optional(),
});

/** `stacks.<name>` */
export const bindingKeys = z.strictObject({
  repository: text("acme/shop"),
  app: text("shop"),
  environment: text("production"),
});

/** The whole file. */
export const serverKeys = z.strictObject({
  repositories: repositories.optional(),
  stacks: mapping(z.record(z.string(), mapping(bindingKeys))).optional(),
  allow: z.array(mapping(allowKeys)).optional(),
});

/** The keys of each kind of mapping in the file; `*` stands for a name or a position. */
export const SERVER_LEVELS: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(serverKeys.shape),
  "stacks.*": Object.keys(bindingKeys.shape),
  "allow.*": Object.keys(allowKeys.shape),
  "allow.*.limits": Object.keys(limitKeys.shape),
};
