import { IN_START, RUNC, type Cause } from "./cause.ts";
import { aService, aSpec } from "./rollout-builders.ts";

const hostPort = [
  { TargetPort: 80, PublishedPort: 8080, Protocol: "tcp", PublishMode: "host" },
  { TargetPort: 53, PublishedPort: 5353, Protocol: "udp", PublishMode: "host" },
];
const onHost = aSpec({ ports: hostPort });
const named = (name: string) => aService({ spec: aSpec({ name, ports: hostPort }) });
const volumes = "starting container failed: error while mounting volume '/var/lib/docker/volumes/";

/** Each with words that an engine 20.10 said of such a service. */
export const SEEN: Readonly<Record<string, Cause>> = {
  "too little of what is reserved": {
    words: "no suitable node (insufficient resources on 1 node)",
    task: { state: "pending", nodeId: null },
    change: {
      service: aSpec({
        task: { Resources: { Reservations: { NanoCPUs: 1.5e9, MemoryBytes: 2 ** 30 } } },
      }),
    },
    code: "no_suitable_node",
    summary: "no node has the reserved 1.5 CPU and 1 GiB of memory free: too little on 1 node",
  },
  "too little on a global service's node": {
    words: "insufficient resources on 1 node",
    task: { state: "pending" },
    code: "no_suitable_node",
    summary: "no node has the reserved CPU or memory free: too little on 1 node",
  },
  "too many replicas on a node": {
    words: "no suitable node (max replicas per node limit exceed)",
    task: { state: "pending", nodeId: null },
    change: { service: aSpec({ task: { Placement: { MaxReplicas: 1 } } }) },
    code: "no_suitable_node",
    summary: "every node runs the 1 task that deploy.placement.max_replicas_per_node allows",
  },
  "a volume driver that no node has": {
    words: "no suitable node (missing plugin on 1 node)",
    task: { state: "pending", nodeId: null },
    change: {
      service: aSpec({
        container: {
          Mounts: [
            { Target: "/x", Source: "v", VolumeOptions: { DriverConfig: { Name: "rexray" } } },
          ],
        },
      }),
    },
    code: "no_suitable_node",
    summary:
      "no node has the plugin that the service needs (volume driver rexray): missing on 1 node",
  },
  "a log driver that no node has": {
    words: "no suitable node (missing plugin on 1 node)",
    task: { state: "pending", nodeId: null },
    change: { service: aSpec({ task: { LogDriver: { Name: "loki" } } }) },
    code: "no_suitable_node",
    summary: "no node has the plugin that the service needs (log driver loki): missing on 1 node",
  },
  "a host port of a service that is known": {
    words: "no suitable node (host-mode port already in use on 1 node)",
    task: { state: "pending", nodeId: null },
    change: { service: onHost, services: [named("shop"), named("other")] },
    code: "port_in_use",
    summary: "host port 8080, 5353/udp is taken by service shop-production_other on 1 node",
  },
  "a host port of the service itself": {
    words: "no suitable node (host-mode port already in use on 1 node)",
    task: { state: "pending", nodeId: null },
    change: {
      service: onHost,
      services: [named("shop"), aService({ spec: aSpec({ name: "x" }) })],
    },
    code: "port_in_use",
    summary: "host port 8080, 5353/udp is taken by another task of this service on 1 node",
  },
  "a host port of a container": {
    words:
      "starting container failed: driver failed programming external connectivity on endpoint web.1.g6l (e00): Bind for 0.0.0.0:8097 failed: port is already allocated",
    task: { exitCode: 128 },
    code: "port_in_use",
    summary: "host port 8097 is taken by another container of the node",
  },
  "a network without addresses": {
    words: "",
    task: { state: "new", desiredState: "running", nodeId: null, message: "created" },
    change: { service: aSpec({ task: { Networks: [{ Target: "tiny" }] } }) },
    code: "rollout_timeout",
    summary:
      "the Swarm gives the task no address, and no reason: most likely a network is full (tiny)",
  },
  "a user that the image does not have": {
    words: "starting container failed: unable to find user app: no matching entries in passwd file",
    task: { exitCode: 128 },
    code: "task_rejected",
    summary: "the image has no user app",
  },
  "a group that the image does not have": {
    words: "starting container failed: unable to find group app: no matching entries in group file",
    task: { exitCode: 128 },
    code: "task_rejected",
    summary: "the image has no group app",
  },
  "a working directory that is not absolute": {
    words: "the working directory 'app' is invalid, it needs to be an absolute path",
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: "the working directory app cannot be used",
  },
  "a program that the image does not have": {
    words: `${IN_START}exec: "/nope": stat /nope: no such file or directory: unknown`,
    task: { exitCode: 127 },
    code: "task_exited",
    summary: "the image has no program /nope to start",
  },
  "a program that may not be run": {
    words: `${IN_START}exec: "/etc/passwd": permission denied: unknown`,
    task: { exitCode: 126 },
    code: "task_exited",
    summary: "/etc/passwd is in the image but may not be run",
  },
  "a limit above the node's CPUs": {
    words: "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
    task: { state: "rejected", exitCode: null },
    change: { service: aSpec({ task: { Resources: { Limits: { NanoCPUs: 4e9 } } } }) },
    code: "task_rejected",
    summary: "the node has 2 CPUs, fewer than deploy.resources.limits.cpus asks for (4)",
  },
  "a limit below what Docker allows": {
    words: "Minimum memory limit allowed is 6MB",
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: "deploy.resources.limits.memory is below what Docker allows (6MB)",
  },
  "a sysctl of the node": {
    words: `${RUNC}sysctl "vm.swappiness" is not in a separate kernel namespace: unknown`,
    task: { exitCode: 128 },
    code: "task_rejected",
    summary: "sysctl vm.swappiness cannot be set for a container",
  },
  "a ulimit that the node does not allow": {
    words: `${IN_START}error during container init: error setting rlimits for ready process: error setting rlimit type 7: operation not permitted: unknown`,
    task: { exitCode: 128 },
    code: "task_rejected",
    summary:
      "the node could not start the container: error setting rlimits for ready process: error setting rlimit type 7: operation not permitted",
  },
  "a capability that does not exist": {
    words: 'invalid CapAdd: unknown capability: "CAP_NOPE"',
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: 'the node refused the task: invalid CapAdd: unknown capability: "CAP_NOPE"',
  },
  "a file mounted on a folder": {
    words: `${IN_START}error during container init: error mounting "/etc/hostname" to rootfs at "/etc": mount /etc/hostname:/etc (via /proc/self/fd/6), flags: 0x5000: not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type`,
    task: { exitCode: 128 },
    code: "task_rejected",
    summary: "a mount puts a file on a folder, or a folder on a file (/etc/hostname at /etc)",
  },
  "a volume whose folder is missing": {
    words: `${volumes}v3/_data': failed to mount local volume: mount /srv/x:/var/lib/docker/volumes/v3/_data, flags: 0x1000: no such file or directory`,
    task: { exitCode: 128 },
    code: "task_rejected",
    summary: "volume v3 could not be mounted: /srv/x: no such file or directory",
  },
  "a volume whose device is missing": {
    words: `${volumes}v4/_data': failed to mount local volume: mount /dev/nope:/var/lib/docker/volumes/v4/_data: no such file or directory`,
    task: { exitCode: 128 },
    code: "task_rejected",
    summary: "volume v4 could not be mounted: /dev/nope: no such file or directory",
  },
  "a volume whose file server does not answer": {
    words: `${volumes}v2/_data': failed to mount local volume: mount :/none:/var/lib/docker/volumes/v2/_data, data: addr=127.0.0.1,timeo=1,retrans=1,soft: no such device`,
    task: { exitCode: 128 },
    code: "task_rejected",
    summary: "volume v2 could not be mounted: :/none: no such device",
  },
  "a volume with an option that its driver does not know": {
    words: 'create v5: invalid option: "bogus"',
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: 'volume v5 could not be created: invalid option: "bogus"',
  },
  "a mount at the root": {
    words: `invalid mount config for type "volume": invalid specification: destination can't be '/'`,
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: "a mount of type volume is not valid: invalid specification: destination can't be '/'",
  },
  "a mount target that is not absolute": {
    words: "invalid mount target, must be an absolute path: x",
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: "a mount is not valid: invalid mount target, must be an absolute path: x",
  },
  "a bind source that is not absolute": {
    words: "invalid bind mount source, must be an absolute path: rel",
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: "a mount is not valid: invalid bind mount source, must be an absolute path: rel",
  },
  "a tmpfs with a source": {
    words: "invalid tmpfs source, source must be empty",
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: "a mount is not valid: invalid tmpfs source, source must be empty",
  },
  "two mounts at one target": {
    words: "rpc error: code = InvalidArgument desc = ContainerSpec: duplicate mount point: /x",
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: "a mount is not valid: duplicate mount point: /x",
  },
  "a secret that is missing": {
    words: "rpc error: code = InvalidArgument desc = secret not found: sx",
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: "secret sx is not there",
  },
  "a config that is missing": {
    words: "rpc error: code = InvalidArgument desc = config not found: cx",
    task: { state: "rejected", exitCode: null },
    code: "task_rejected",
    summary: "config cx is not there",
  },
  "an ingress port of another service": {
    words:
      "rpc error: code = InvalidArgument desc = port '8098' is already in use by service 'ingA' (pmirrrnjvwvojp3xbupyf1r18) as an ingress port",
    task: { state: "rejected", exitCode: null },
    code: "port_in_use",
    summary: "port 8098 is already published by service ingA",
  },
  "a one-shot task that Swarm does not let end": {
    words: "",
    task: { state: "complete", exitCode: 0, message: "finished" },
    change: { service: aSpec({ task: { RestartPolicy: { Condition: "none" } } }) },
    code: "task_exited",
    summary:
      "the process completed, but Swarm takes a task that ends during an update for a failure (exit code 0); it wrote nothing",
  },
};
