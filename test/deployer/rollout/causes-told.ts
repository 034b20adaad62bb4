import { IN_START, RUNC, type Cause } from "./cause.ts";
import { aSpec } from "./rollout-builders.ts";

/** Each with words from moby's and swarmkit's source, or from reports; not seen here. */
export const TOLD: Readonly<Record<string, Cause>> = {
  "several reasons at once": {
    words:
      "no suitable node (scheduling constraints not satisfied on 2 nodes; insufficient resources on 1 node; 1 node not available for new tasks)",
    task: { state: "pending", nodeId: null },
    change: { service: aSpec({ task: { Placement: { Constraints: ["node.role==worker"] } } }) },
    code: "no_suitable_node",
    summary:
      "no node takes the task: the placement constraints (node.role==worker) are not satisfied on 2 nodes; too little of the reserved CPU or memory on 1 node; 1 node not available for new tasks",
  },
  "several reasons, in the scheduler's order": {
    words:
      "no suitable node (unsupported platform on 2 nodes; scheduling constraints not satisfied on 1 node)",
    task: { state: "pending", nodeId: null },
    code: "no_suitable_node",
    summary:
      "no node takes the task: the image is made for another platform than that of 2 nodes; the placement constraints (none are set) are not satisfied on 1 node",
  },
  "cluster volumes": {
    words: "no suitable node (cannot fulfill requested volumes on 2 nodes)",
    task: { state: "pending", nodeId: null },
    code: "no_suitable_node",
    summary: "no node can reach the cluster volumes: not available on 2 nodes",
  },
  "an image of another platform": {
    words: "no matching manifest for linux/arm64/v8 in the manifest list entries",
    task: { state: "rejected" },
    code: "no_suitable_node",
    summary: "image img:1 is not made for the node's platform (linux/arm64/v8)",
  },
  "a registry that wants a login": {
    words: "Head https://registry.example.com/v2/acme/manifests/1: no basic auth credentials",
    task: { state: "rejected" },
    code: "image_not_found",
    summary: "the registry does not let the node pull image img:1",
  },
  "a pull limit": {
    words: "toomanyrequests: You have reached your pull rate limit",
    task: { state: "rejected" },
    code: "image_not_found",
    summary: "the registry's pull limit is used up: image img:1 was not pulled",
  },
  "a registry that is not trusted": {
    words: "x509: certificate signed by unknown authority",
    task: { state: "rejected" },
    code: "image_not_found",
    summary:
      "the node does not trust the registry of image img:1: x509: certificate signed by unknown authority",
  },
  "a registry that the node cannot reach": {
    words:
      'Get "https://registry.example.com/v2/": dial tcp 127.0.0.1:443: connect: connection refused',
    task: { state: "rejected" },
    code: "image_not_found",
    summary: "the node cannot reach the registry of image img:1: connection refused",
  },
  "a volume plugin of the node": {
    words: 'create v: error looking up volume plugin rexray: plugin "rexray" not found',
    task: { state: "rejected" },
    code: "task_rejected",
    summary: "the node does not have the driver rexray",
  },
  "a volume plugin that fails": {
    words: "starting container failed: VolumeDriver.Mount: no space in pool",
    code: "task_rejected",
    summary: "the volume's driver could not mount it: no space in pool",
  },
  "a mount into what is read-only": {
    words: `${IN_START}error mounting "/srv/x" to rootfs at "/app/x": mkdirat /app/x: read-only file system: unknown`,
    code: "task_rejected",
    summary: "/srv/x could not be mounted at /app/x: read-only file system",
  },
  "a mount that the node may not read": {
    words: `${IN_START}error mounting "/srv/x" to rootfs at "/x": open /srv/x: permission denied: unknown`,
    code: "task_rejected",
    summary: "/srv/x could not be mounted at /x: permission denied",
  },
  "a secret that the node does not get": {
    words: "unable to get secret from secret store: secret abc not found",
    task: { state: "rejected" },
    code: "task_rejected",
    summary: "a secret that the service refers to is not there",
  },
  "a full network": {
    words: "no available IPv4 addresses on this network's address pools: tiny (abc)",
    task: { state: "rejected" },
    code: "task_rejected",
    summary: "a network of the task has no address free",
  },
  "a network that the node cannot join": {
    words:
      "attaching to network failed, make sure your network options are correct and check manager logs: context deadline exceeded",
    task: { state: "rejected" },
    change: { service: aSpec({ task: { Networks: [{ Target: "back" }] } }) },
    code: "task_rejected",
    summary:
      "the node could not join the task's network (back): attaching to network failed, make sure your network options are correct and check manager logs: context deadline exceeded",
  },
  "a working directory that may not be entered": {
    words: `${RUNC}chdir to cwd ("/root/app") set in config.json failed: permission denied: unknown`,
    code: "task_rejected",
    summary: "the working directory /root/app cannot be used",
  },
};
