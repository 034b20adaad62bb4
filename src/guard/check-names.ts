import { STACK_LABELS } from "../swarm-objects.ts";
import { type GuardedObject, type GuardView, show } from "./finding.ts";

interface NamedBody {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null | undefined;
}

/** Whether a name is one that only this stack's objects have. */
export function isOwnName({ stackName }: GuardView, name: string): boolean {
  return name.startsWith(`${stackName}_`);
}

/** A service is called after its stack, always. */
export function checkOwnName(view: GuardView, object: GuardedObject<NamedBody>): void {
  const { key, body } = object;
  if (!isOwnName(view, body.Name)) {
    view.refuse(key, `is called ${show(body.Name)}, which is no name of this stack's`);
  }
  checkNamespace(view, object);
}

/** What a stack makes is labelled as its own, so that no other stack loses or keeps it. */
export function checkNamespace(view: GuardView, { key, body }: GuardedObject<NamedBody>): void {
  const namespace = (body.Labels ?? {})[STACK_LABELS.namespace];
  if (namespace !== view.stackName) {
    const whose = namespace === undefined ? "no stack" : `the stack ${show(namespace)}`;
    view.refuse(key, `is labelled as part of ${whose}`);
  }
}
