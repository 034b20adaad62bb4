import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cause, expectCause, givenService, REMOVED, scriptService } from "../support/cause.ts";
import { openProduct, type Product } from "../support/product.ts";
import { writeServerConfig } from "../support/server-config.ts";

let product: Product;

beforeAll(async () => {
  // Longer than a busy engine takes to tell that a container ended.
  product = await openProduct({ SKEP_CONCURRENCY: "6", SKEP_PROVE_SECONDS: "5" });
  const allow = {
    registries: ["localhost/skep-sandbox"],
    bind_mounts: [{ path: "/srv/nowhere" }],
  };
  await writeServerConfig(product, { allow: [{ repositories: ["*"], ...allow }] });
  await product.start();
});

afterAll(async () => {
  expect(product.problems()).toEqual([]);
  await product.close();
});

const READ_LINES = /^Read its last lines, mend what they name and push again\.$/;
const WEB = { web: givenService() };

/** Each is a first deployment; where there are several services, the one that fails is named. */
const CAUSES: Readonly<Record<string, Cause>> = {
  "exit-1": {
    stack: {
      services: {
        ...WEB,
        worker: scriptService("echo starting >&2; echo 'no database at db:5432' >&2; exit 1"),
      },
    },
    shown: {
      code: "task_exited",
      title: /^Failed: worker: the process failed \(exit code 1\)$/,
      cause: /^worker: the process failed \(exit code 1\)/,
      next: READ_LINES,
      now: REMOVED,
      evidence: /starting\nno database at db:5432/,
    },
  },
  "exit-silent": {
    stack: { services: { web: scriptService("exit 4") } },
    shown: {
      code: "task_exited",
      title: /^Failed: the process ended with an error \(exit code 4\); it wrote nothing$/,
      cause: /^the process ended with an error \(exit code 4\); it wrote nothing/,
      next: /^Let the program say why it ends/,
      now: REMOVED,
    },
  },
  "exit-0": {
    stack: { services: { web: scriptService("echo done") } },
    shown: {
      code: "task_exited",
      title: /^Failed: the process ended at once without an error/,
      cause: /^the process ended at once without an error/,
      next: /^Run the program in the foreground/,
      now: REMOVED,
      evidence: /done/,
    },
  },
  "out-of-memory": {
    stack: {
      services: {
        ...WEB,
        hungry: scriptService("echo filling; tail /dev/zero", {
          init: false,
          deploy: { resources: { limits: { memory: "16M" } } },
        }),
      },
    },
    shown: {
      code: "task_exited",
      title: /^Failed: hungry: the process was killed.*memory limit of 16 MiB/,
      cause: /^hungry: the process was killed.*memory limit of 16 MiB.*\(exit code 137\)/,
      next: /^Raise deploy\.resources\.limits\.memory/,
      now: REMOVED,
      evidence: /filling/,
    },
  },
  "exit-139": {
    stack: { services: { web: scriptService("kill -SEGV $$$$") } },
    shown: {
      code: "task_exited",
      title: /^Failed: the process crashed with a segmentation fault \(exit code 139\)/,
      cause: /^the process crashed with a segmentation fault \(exit code 139\)/,
      next: /^Look for a native library that is broken/,
      now: REMOVED,
    },
  },
  "exit-126": {
    stack: { services: { web: scriptService("/etc/group") } },
    shown: {
      code: "task_exited",
      title: /^Failed: the process could not run its program: not executable \(exit code 126\)/,
      cause: /^the process could not run its program: not executable \(exit code 126\)/,
      next: /chmod \+x/,
      now: REMOVED,
      evidence: /\/etc\/group: Permission denied/,
    },
  },
  "not-executable": {
    stack: { services: { web: givenService({ command: ["/etc/group"], init: false }) } },
    shown: {
      code: "task_exited",
      title: /^Failed: \/etc\/group is in the image but may not be run/,
      cause: /^\/etc\/group is in the image but may not be run/,
      next: /chmod \+x/,
      now: REMOVED,
    },
  },
  "exit-127": {
    stack: { services: { web: scriptService("serve --port 80") } },
    shown: {
      code: "task_exited",
      title: /^Failed: the process could not find its program \(exit code 127\)/,
      cause: /^the process could not find its program \(exit code 127\)/,
      next: /^Correct command or entrypoint/,
      now: REMOVED,
      evidence: /serve: not found/,
    },
  },
  "no-program": {
    stack: { services: { ...WEB, api: givenService({ command: ["serve"], init: false }) } },
    shown: {
      code: "task_exited",
      title: /^Failed: api: the image has no program serve to start/,
      cause: /^api: the image has no program serve to start/,
      next: /^Correct command or entrypoint/,
      now: REMOVED,
    },
  },
  "other-machine": {
    stack: {
      services: {
        web: givenService({
          build: "../app",
          image: undefined,
          init: false,
          command: ["/bin/other"],
        }),
      },
    },
    files: {
      // Busybox with another machine in its ELF header: AArch64.
      "app/Dockerfile": `FROM localhost/skep-sandbox/busybox:1\nRUN cp /bin/busybox /bin/other && printf '\\267\\000' | dd of=/bin/other bs=1 seek=18 conv=notrunc\n`,
    },
    shown: {
      code: "task_exited",
      title: /^Failed: the process failed \(exit code 1\); its program is for another platform/,
      cause: /; its program is for another platform/,
      next: /^Build the image for the node's platform/,
      now: REMOVED,
      evidence: /exec format error/,
    },
  },
  unhealthy: {
    stack: {
      services: {
        ...WEB,
        api: givenService({
          healthcheck: {
            test: ["CMD-SHELL", "echo 'no answer from db:5432'; exit 1"],
            interval: "300ms",
            timeout: "2s",
            retries: 2,
          },
        }),
      },
    },
    shown: {
      code: "task_unhealthy",
      title: /^Failed: api: the health check failed/,
      cause: /^api: the health check failed/,
      next: /healthcheck\.start_period/,
      now: REMOVED,
      evidence: /no answer from db:5432/,
    },
  },
  "no-user": {
    stack: { services: { web: givenService({ user: "shopkeeper" }) } },
    shown: {
      code: "task_rejected",
      title: /^Failed: the image has no user shopkeeper/,
      cause: /^the image has no user shopkeeper/,
      next: /^Create the user in the Dockerfile/,
      now: REMOVED,
    },
  },
  "no-folder": {
    stack: {
      services: {
        ...WEB,
        db: givenService({ volumes: [{ type: "bind", source: "/srv/nowhere", target: "/data" }] }),
      },
    },
    shown: {
      code: "task_rejected",
      title: /^Failed: db: the folder \/srv\/nowhere does not exist on the node/,
      cause: /^db: the folder \/srv\/nowhere does not exist on the node/,
      next: /^Create the folder on every node/,
      now: REMOVED,
    },
  },
  "read-only": {
    stack: { services: { web: scriptService("echo 1 >/run.pid", { read_only: true }) } },
    shown: {
      code: "task_exited",
      title: /^Failed: the process failed \(exit code 1\); its last lines name a read-only/,
      cause: /^the process failed \(exit code 1\)/,
      next: /^Mount a volume or tmpfs at the path/,
      now: REMOVED,
      evidence: /Read-only file system/,
    },
  },
  "disk-full": {
    stack: {
      services: {
        web: scriptService("dd if=/dev/zero of=/data/file bs=1M count=3", {
          volumes: [{ type: "tmpfs", target: "/data", tmpfs: { size: 1_048_576 } }],
        }),
      },
    },
    shown: {
      code: "task_exited",
      title: /^Failed: the process failed \(exit code 1\); its last lines say that a disk is full/,
      cause: /^the process failed \(exit code 1\)/,
      next: /^Free space on the node/,
      now: REMOVED,
      evidence: /No space left on device/,
    },
  },
};

test.concurrent.for(Object.entries(CAUSES))("%s", async ([name, cause]) => {
  await expectCause(product, name, cause);
});
