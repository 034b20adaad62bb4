import { describe, expect, it } from "vitest";
import { diagnose, type DiagnoseRequest } from "../../../src/deployer/rollout/diagnose.ts";
import { withWords } from "../../../src/deployer/rollout/failing.ts";
import type { LiveNode, LiveTask } from "../../../src/deployer/ports.ts";
import { aService, aSpec, aTask } from "./rollout-builders.ts";

function request(
  task: Partial<LiveTask> | null,
  change: Partial<DiagnoseRequest> = {},
): DiagnoseRequest {
  return {
    failedTask: task && aTask({ state: "failed", desiredState: "shutdown", ...task }),
    lines: [],
    healthOutput: [],
    service: aSpec(),
    phase: "deploy",
    verdict: { code: "rollout_timeout", text: "the roll-out took too long" },
    ...change,
  };
}

function aNode(change: Partial<LiveNode> = {}): LiveNode {
  return {
    id: "node1",
    hostname: "one",
    role: "worker",
    availability: "active",
    state: "ready",
    labels: {},
    engineLabels: {},
    platform: { os: "linux", architecture: "amd64" },
    nanoCpus: 1e9,
    memoryBytes: 1e9,
    ...change,
  };
}

const hostPort = [
  { TargetPort: 80, PublishedPort: 8080, Protocol: "tcp", PublishMode: "host" },
  { TargetPort: 53, PublishedPort: 5353, Protocol: "udp", PublishMode: "host" },
];
const onHost = aSpec({ ports: hostPort });
const named = (name: string) => aService({ spec: aSpec({ name, ports: hostPort }) });
const runc =
  "starting container failed: failed to create shim task: OCI runtime create failed: runc create failed: ";
const inStart = `${runc}unable to start container process: `;
const volumes = "starting container failed: error while mounting volume '/var/lib/docker/volumes/";

interface Cause {
  /** The engine's words. */
  readonly words: string;
  readonly task?: Partial<LiveTask>;
  readonly change?: Partial<DiagnoseRequest>;
  readonly code: string;
  readonly summary: string;
}

/** Each with words that an engine 20.10 said of such a service. */
const SEEN: Readonly<Record<string, Cause>> = {
  "too little of what is reserved": {
    words: "no suitable node (insufficient resources on 1 node)",
    task: { state: "pending", nodeId: null },
    change: {
      service: aSpec({
        task: { Resources: { Reservations: { NanoCPUs: 1.5e9, MemoryBytes: 2 ** 30 } } },
      }),
    },
    code: "no_suitable_node",
    summary: "no node has the reserved 1.5 CPU and 1024 MiB of memory free: too little on 1 node",
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
    words: `${inStart}exec: "/nope": stat /nope: no such file or directory: unknown`,
    task: { exitCode: 127 },
    code: "task_exited",
    summary: "the image has no program /nope to start",
  },
  "a program that may not be run": {
    words: `${inStart}exec: "/etc/passwd": permission denied: unknown`,
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
    words: `${runc}sysctl "vm.swappiness" is not in a separate kernel namespace: unknown`,
    task: { exitCode: 128 },
    code: "task_rejected",
    summary: "sysctl vm.swappiness cannot be set for a container",
  },
  "a ulimit that the node does not allow": {
    words: `${inStart}error during container init: error setting rlimits for ready process: error setting rlimit type 7: operation not permitted: unknown`,
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
    words: `${inStart}error during container init: error mounting "/etc/hostname" to rootfs at "/etc": mount /etc/hostname:/etc (via /proc/self/fd/6), flags: 0x5000: not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type`,
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

/** Each with words from moby's and swarmkit's source, or from reports; not seen here. */
const TOLD: Readonly<Record<string, Cause>> = {
  "several reasons at once": {
    words:
      "no suitable node (scheduling constraints not satisfied on 2 nodes; insufficient resources on 1 node; 1 node not available for new tasks)",
    task: { state: "pending", nodeId: null },
    change: { service: aSpec({ task: { Placement: { Constraints: ["node.role==worker"] } } }) },
    code: "no_suitable_node",
    summary:
      "no node takes the task: the placement constraints (node.role==worker) are not satisfied on 2 nodes; too little of the reserved CPU or memory on 1 node; 1 node not available for new tasks",
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
    words: `${inStart}error mounting "/srv/x" to rootfs at "/app/x": mkdirat /app/x: read-only file system: unknown`,
    code: "task_rejected",
    summary: "/srv/x could not be mounted at /app/x: read-only file system",
  },
  "a mount that the node may not read": {
    words: `${inStart}error mounting "/srv/x" to rootfs at "/x": open /srv/x: permission denied: unknown`,
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
    words: `${runc}chdir to cwd ("/root/app") set in config.json failed: permission denied: unknown`,
    code: "task_rejected",
    summary: "the working directory /root/app cannot be used",
  },
};

describe.each([
  ["seen on an engine", SEEN],
  ["told by its source", TOLD],
])("diagnose, by words %s", (_, causes) => {
  it.each(Object.entries(causes))("names %s", (__, { words, task, change, code, summary }) => {
    const failure = diagnose(request({ error: words, ...task }, change));
    expect(failure).toMatchObject({ code, summary });
    expect(failure.nextStep).toMatch(/^[A-Z].*\.$/);
  });
});

describe("diagnose, by exit codes", () => {
  it.each([
    [130, "the process was interrupted (SIGINT) (exit code 130); it wrote nothing"],
    [134, "the process aborted itself (exit code 134); it wrote nothing"],
    [135, "the process crashed with a bus error (exit code 135); it wrote nothing"],
    [136, "the process crashed with an arithmetic error (exit code 136); it wrote nothing"],
    [143, "the process was asked to stop (SIGTERM) and did (exit code 143); it wrote nothing"],
    [129, "the process was ended by signal 1 (exit code 129); it wrote nothing"],
    [255, "the process ended with an error (exit code 255); it wrote nothing"],
  ])("names %i", (exitCode, summary) => {
    const task = { exitCode, error: `task: non-zero exit (${exitCode})` };
    expect(diagnose(request(task))).toMatchObject({ code: "task_exited", summary });
  });

  it.each([
    ["sh: can't create /f: Read-only file system", /mount a volume or tmpfs/],
    ["Error: EACCES: permission denied, open '/data/x'", /owner and mode/],
    ["ls: can't open '/x': Permission denied", /owner and mode/],
    ["write: No space left on device", /docker system df/],
    ["connection refused", /Read its last lines/],
  ])("takes what to do from the last lines: %s", (line, nextStep) => {
    const task = { exitCode: 1, error: "task: non-zero exit (1)" };
    expect(diagnose(request(task, { lines: ["starting", line] })).nextStep).toMatch(nextStep);
  });
});

describe("diagnose, in a stack on several nodes", () => {
  const nodes = [aNode(), aNode({ id: "node2", hostname: "two", state: "down" })];
  const exited = { exitCode: 1, error: "task: non-zero exit (1)" };

  it("names the node where it happened, when there are several", () => {
    const summary = "the process failed (exit code 1); it wrote nothing";
    expect(diagnose(request(exited, { nodes })).summary).toBe(`${summary} (on node one)`);
    expect(diagnose(request(exited, { nodes: [aNode()] })).summary).toBe(summary);
  });

  it("names a node that is down or gone, of a task that did not end there", () => {
    const task = { state: "running", desiredState: "running" };
    expect(diagnose(request({ ...task, nodeId: "node2" }, { nodes }))).toMatchObject({
      code: "no_suitable_node",
      summary: "node two, where the task is, is down",
    });
    expect(diagnose(request({ ...task, nodeId: "node3" }, { nodes }))).toMatchObject({
      summary: "the node where the task was is not part of the Swarm any more",
    });
    expect(diagnose(request({ ...exited, nodeId: "node2" }, { nodes })).code).toBe("task_exited");
  });

  it("begins with the service's name, and ends with whether it was changed", () => {
    const change = { label: "api", isUnchanged: true };
    expect(diagnose(request(exited, change)).summary).toBe(
      "api: the process failed (exit code 1); it wrote nothing; this deployment did not change the service",
    );
    const text = "no node takes a task; this deployment did not change the service";
    const verdict = { code: "no_suitable_node", text } as const;
    expect(diagnose(request(null, { ...change, verdict })).summary).toBe(`api: ${text}`);
  });

  it("admits that it does not know a cause, and only then", () => {
    const verdict = { code: "task_exited", text: "a task ended once: strange" } as const;
    const task = { error: "strange", exitCode: null };
    expect(diagnose(request(task, { verdict }))).toMatchObject({
      summary: "a task ended once: strange",
      nextStep: expect.stringMatching(/^Skep does not know this cause/),
      evidence: ["strange"],
    });
    for (const code of ["no_suitable_node", "swarm_conflict", "rollout_timeout"] as const) {
      const { nextStep } = diagnose(request(null, { verdict: { code, text: "x" } }));
      expect(nextStep).not.toMatch(/does not know this cause/);
    }
  });

  it("shows no password of a file server, here and in the judge's words", () => {
    const error =
      "starting container failed: failed to mount local volume: mount //nas/x:/v/_data, data: username=u,password=p:w: permission denied";
    const { summary, evidence } = diagnose(request({ error }));
    expect(`${summary} ${evidence.join(" ")} ${withWords("x", error)}`).not.toMatch(/password|p:w/);
    expect(withWords("x", error)).toMatch(/^x: starting .*: permission denied$/);
  });

  it("cleans names of services, nodes and labels, which others chose", () => {
    const hostile = [aNode({ hostname: "a\u001b[31m\u0007b" }), aNode({ id: "node2" })];
    const { summary } = diagnose(request(exited, { label: "x\u202ey\n", nodes: hostile }));
    expect(summary).toBe("xy: the process failed (exit code 1); it wrote nothing (on node ab)");
  });
});
