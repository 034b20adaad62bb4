/**
 * Ways that lead back to where they start, each once, as `a`, `b`, `a`: one at least where there are any. `edges` has,
 * by name, where one can go from there.
 */
export function findCycles(
  edges: ReadonlyMap<string, readonly string[]>,
): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const done = new Set<string>();
  for (const start of edges.keys()) {
    // The way to where we are, with what is still to be tried at each step of it: no recursion, however long it is.
    const way = [{ name: start, next: [...(edges.get(start) ?? [])] }];
    while (!done.has(start)) {
      const here = way.at(-1);
      if (here === undefined) break;
      const name = here.next.shift();
      if (name === undefined) {
        done.add(here.name);
        way.pop();
        continue;
      }
      if (done.has(name)) continue;
      const back = way.findIndex((step) => step.name === name);
      if (back === -1) way.push({ name, next: [...(edges.get(name) ?? [])] });
      else cycles.push([...way.slice(back).map((step) => step.name), name]);
    }
  }
  return cycles;
}
