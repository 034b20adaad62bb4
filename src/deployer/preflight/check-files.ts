import { STACK_LABELS } from "../../swarm-objects.ts";
import { fail, type PreflightView, whose } from "./view.ts";

/** Configs and secrets that should be there and are not, and names that are taken. */
export function checkFiles(view: PreflightView): void {
  const { live, release, plan } = view;
  for (const kind of ["config", "secret"] as const) {
    const byName = new Map(live[`${kind}s`].map((file) => [file.name, file]));
    for (const name of release.external[`${kind}s`]) {
      if (byName.has(name)) continue;
      fail(view, {
        code: "file_not_found",
        key: `${kind}s.${name}`,
        summary: `the Swarm has no ${kind} ${name}`,
        nextStep: `Create it on a manager (docker ${kind} create), or define it in the stack.`,
      });
    }
    for (const { fileKind, kind: action, file, spec } of plan.files) {
      const holder = byName.get(spec.Name);
      if (fileKind !== kind || action !== "create" || holder === undefined) continue;
      fail(view, {
        code: "stack_not_owned",
        key: `${kind}s.${file.key}`,
        summary: `a ${kind} ${spec.Name} exists already and is part of ${whose(holder.labels[STACK_LABELS.namespace] ?? null)}`,
        nextStep: `Give the ${kind} another name, or remove that one.`,
      });
    }
  }
}
