import type { StackService } from "../model.ts";
import { type Fault, fault } from "./engine-fault.ts";

/** What a template may speak of. */
const SUBJECTS = new Set(["Service", "Node", "Task"]);
/** A field that stands at the start of an action, such as `{{.Task.Slot}}`. */
const FIELD = /\{\{-?\s*\.([\p{L}_][\p{L}\p{N}_]*)/gu;
/** Words that change what a leading dot means. */
const OTHER_CONTEXT = /\{\{-?\s*(?:range|with|define|block)\b/;

/** The templates that no engine can fill in, where a Swarm fills them in: host name, variables and mounts. */
export function templateFaults(service: StackService): readonly Fault[] {
  const { hostname = "", environment = {}, mounts = [] } = service;
  return [
    ...faultsOf("hostname", "hostname", hostname),
    ...Object.entries(environment).flatMap(([name, value]) =>
      faultsOf("env", `environment.${name}`, value ?? ""),
    ),
    ...mounts.flatMap(({ source = "", target }, index) => [
      ...faultsOf("mounts", `volumes[${index}]`, source),
      ...faultsOf("mounts", `volumes[${index}]`, target),
    ]),
  ];
}

function faultsOf(what: string, path: string, text: string): readonly Fault[] {
  const fields = OTHER_CONTEXT.test(text)
    ? []
    : [...text.matchAll(FIELD)].map(([, field = ""]) => field);
  const unknown = fields.find((field) => !SUBJECTS.has(field));
  return fault(
    unknown !== undefined,
    path,
    `expanding ${what} failed: template: can't evaluate field ${unknown}`,
  );
}
