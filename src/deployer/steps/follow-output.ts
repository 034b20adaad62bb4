import { readApplied } from "../applied.ts";
import type { Run } from "../run.ts";
import { servicesOf } from "./observe.ts";

/** Each is a connection to the engine. */
const MOST_FOLLOWED = 20;

/** Copies what the services that this deployment changes write into its log, for as long as the run lasts. */
export function followOutput(run: Run): void {
  const names = servicesOf(run);
  const changed = Object.keys(readApplied(run)?.services ?? {});
  const isOne = names.length === 1;
  for (const name of (isOne ? names : changed).slice(0, MOST_FOLLOWED)) follow(run, name, isOne);
  if (changed.length > MOST_FOLLOWED) {
    run.say(`the output of ${changed.length - MOST_FOLLOWED} more services is not copied here`);
  }
}

function follow(run: Run, name: string, isOne: boolean): void {
  const { swarm, logs } = run.deps;
  const key = run.release().stack.services.find(({ spec }) => spec.Name === name)?.key ?? name;
  run.beside(`following the output of ${name}`, (signal) =>
    swarm.follow(
      name,
      ({ at, text, stream, taskId }) => {
        const { id, phase } = run.deployment();
        const level = stream === "stderr" ? "error" : "info";
        const source = isOne ? taskId : `${key} ${taskId}`;
        logs.append(id, [{ at, phase, stream: "service", source, level, text }]);
      },
      signal,
    ),
  );
}
