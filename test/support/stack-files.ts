import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import type { Files } from "./product-app.ts";

/** Parts of a Compose file as data; JSON is YAML. */
export type StackParts = Readonly<Record<string, unknown>>;

/** The key of a service's `deploy` that tests set, on top of what keeps them short. */
interface ServiceParts {
  readonly deploy?: StackParts;
  readonly [key: string]: unknown;
}

const STACK_FILE = "deploy/stack.yml";

/**
 * A service that starts and stops at once and runs until it is stopped. No service talks to another here, so that its
 * address does not matter; the engine of the tests has no virtual ones.
 */
export function quickService({ deploy = {}, ...parts }: ServiceParts = {}): StackParts {
  return {
    build: "../app",
    init: true,
    stop_grace_period: "1s",
    command: ["sleep", "1000000"],
    ...parts,
    deploy: { endpoint_mode: "dnsrr", update_config: { monitor: "500ms" }, ...deploy },
  };
}

/** A task that is there at once and healthy only some seconds later. */
export function slowlyHealthy(seconds: number): StackParts {
  return {
    command: ["sh", "-c", `sleep ${seconds}; touch /tmp/ready; sleep 1000000`],
    healthcheck: {
      test: ["CMD", "test", "-e", "/tmp/ready"],
      interval: "500ms",
      timeout: "5s",
      retries: 60,
    },
  };
}

/** A repository whose app is this stack, in a folder of its own; all its services run one image, built from another. */
export function stackFiles(stack: StackParts, more: Files = {}): Files {
  return {
    ".github/skep.yml": `stack: [${STACK_FILE}]\n`,
    "app/Dockerfile": `FROM ${BUSYBOX_IMAGE}\n`,
    ...stackFile(stack),
    ...more,
  };
}

/** The stack's file alone. */
export function stackFile(stack: StackParts): Files {
  return { [STACK_FILE]: JSON.stringify(stack, null, 2) };
}
