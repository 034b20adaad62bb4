import type { StackDependency, StackService } from "../model.ts";
import { fieldsOf, type Fields } from "./fields.ts";
import { isMapping } from "./value.ts";

const CONDITIONS =
  "Skep starts services in this order: docker stack deploy refuses conditions, and ignores the order.";

/** The services that are to be started before, from a list of names or a mapping with conditions. */
export function readDependsOn(fields: Fields): StackService["dependsOn"] {
  const long = fields.value("depends_on");
  if (!isMapping(long)) {
    const names = fields.texts("depends_on");
    return names && Object.fromEntries(names.map((name) => [name, STARTED]));
  }
  fields.at.to("depends_on").note("depends_on_conditions", CONDITIONS);
  const services = fieldsOf(long, fields.at.to("depends_on"));
  return Object.fromEntries(
    [...long.keys()].map((name) => [name, services.inside(name, readDependency) ?? STARTED]),
  );
}

const RESTART =
  "Skep restarts a service only when it changes itself: let it reconnect by itself, and leave this out.";

const STARTED: StackDependency = { condition: "service_started", isRequired: true };

function readDependency(fields: Fields): StackDependency {
  if (fields.flag("restart") === true) fields.at.to("restart").note("ignored_key", RESTART);
  return {
    condition: conditionOf(fields.text("condition")),
    isRequired: fields.flag("required") ?? true,
  };
}

function conditionOf(text: string | undefined): StackDependency["condition"] {
  return text === "service_healthy" || text === "service_completed_successfully"
    ? text
    : "service_started";
}
