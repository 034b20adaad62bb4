/** Where in a service or network, and what the engine says of it. */
export type Fault = readonly [path: string, problem: string];

/** One fault or none. */
export function fault(isWrong: boolean, path: string, problem: string): readonly Fault[] {
  return isWrong ? [[path, problem]] : [];
}
