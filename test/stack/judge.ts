import type { StackRemark } from "../../src/stack/model.ts";
import { stackObjects, type ObjectsResult } from "../../src/stack/objects.ts";
import type { StackCase } from "./cases.ts";
import { classOf, classOfProblem, isAt, placeOf } from "./refusal-class.ts";
import { differences, normalise, type Wire } from "./wire.ts";

/** What became of a case: which kind it is, and every way in which Skep does it otherwise. */
export interface Verdict {
  readonly name: string;
  readonly kind: "accepted" | "refused" | "refused by the engine";
  readonly differences: readonly string[];
  readonly isRefused: boolean;
}

/** Runs a case and compares it with the record. */
export function judge(stack: StackCase): Verdict {
  const result = stackObjects(stack.request);
  const { name, folder, sent, refusal, byEngine } = stack;
  const isRefused = !result.ok;
  if (refusal === null) {
    const found = result.ok
      ? differences(sent, normalise(result.objects, folder))
      : [`refused: ${describe(result.problems)}`];
    return { name, kind: "accepted", differences: found, isRefused };
  }
  if (byEngine) {
    // A refusal is as good: the engine would have made it. What was sent before must be equal.
    const same = !result.ok || sent === null;
    const found = same ? [] : sentDifferences(sent, normalise(result.objects, folder));
    return { name, kind: "refused by the engine", differences: found, isRefused };
  }
  return { name, kind: "refused", differences: refusalDifferences(refusal, result), isRefused };
}

/** Skep tells every problem, the CLI one of them: it must be among Skep's, of the same class at the same place. */
function refusalDifferences(refusal: string, result: ObjectsResult): readonly string[] {
  if (result.ok) return [`accepted, but: ${refusal}`];
  const place = placeOf(refusal);
  const isSame = result.problems.some(
    (problem) =>
      classOfProblem(problem) === classOf(refusal) && (place === null || isAt(problem.key, place)),
  );
  return isSame ? [] : [`${refusal} → ${describe(result.problems)}`];
}

function describe(problems: readonly StackRemark[]): string {
  return problems.map(({ code, key, message }) => `${code} ${key} ${message}`).join("; ");
}

/** Only what was sent: the engine stopped the CLI before the rest. */
function sentDifferences(sent: Wire, got: Wire): readonly string[] {
  return (["services", "networks", "configs", "secrets"] as const).flatMap((section) =>
    Object.entries(sent[section]).flatMap(([name, body]) =>
      differences(body, got[section][name], `/${section}/${name}`),
    ),
  );
}
