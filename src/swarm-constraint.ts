/** One placement constraint, such as `node.labels.disk == ssd`. */
export interface Constraint {
  readonly key: string;
  readonly isEqual: boolean;
  readonly value: string;
}

const KEY = /^[a-z_][a-z0-9\-_.]+$/iu;
const VALUE = /^[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/iu;

/** Reads a constraint like swarmkit: `==` is looked for first; null for what it refuses. */
export function parseConstraint(text: string): Constraint | null {
  for (const operator of ["==", "!="]) {
    const at = text.indexOf(operator);
    if (at === -1) continue;
    const key = text.slice(0, at).trim();
    const value = text.slice(at + operator.length).trim();
    return KEY.test(key) && VALUE.test(value) ? { key, isEqual: operator === "==", value } : null;
  }
  return null;
}
