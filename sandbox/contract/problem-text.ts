import type { ContractCall } from "./contract-fetch.ts";

/** Renders a call's problems for a person: the call, then one line each, `>` for sent and `<` for received. */
export function renderProblems(call: ContractCall): string {
  const name = call.operationId ?? "unknown operation";
  return [
    `${call.method} ${call.path} → ${call.status} (${name}) breaks GitHub's contract:`,
    ...call.requestProblems.map((problem) => `  > ${problem}`),
    ...call.responseProblems.map((problem) => `  < ${problem}`),
  ].join("\n");
}
