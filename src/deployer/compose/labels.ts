/** The labels that `docker stack ls|ps|rm` go by. */
export const STACK_LABELS = {
  namespace: "com.docker.stack.namespace",
  image: "com.docker.stack.image",
} as const;

/**
 * Skep's own labels. They stand on services only: a change of a container label would restart the tasks.
 * `deployment` names the deployment that last changed the service, `owner` whose the service is.
 */
export const SKEP_LABELS = {
  deployment: "skep.deployment",
  release: "skep.release",
  owner: "skep.owner",
} as const;

/** Whether a label is Skep's: such labels say nothing about what runs. */
export function isSkepLabel(name: string): boolean {
  return name.startsWith("skep.");
}
