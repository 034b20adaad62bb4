import type { RequestLog } from "./request-log.ts";
import type { Delivery } from "./state.ts";

/** Renders everything that broke GitHub's contract: `>` was sent to GitHub, `<` came from it. */
export function findProblems(requests: RequestLog, deliveries: readonly Delivery[]): string[] {
  const fromRequests = requests.entries
    .filter((one) => one.requestProblems.length + one.responseProblems.length > 0)
    .map((one) =>
      [
        `${one.method} ${one.path} → ${one.status} (${one.operationId ?? "unknown operation"})`,
        ...one.requestProblems.map((problem) => `  > ${problem}`),
        ...one.responseProblems.map((problem) => `  < ${problem}`),
      ].join("\n"),
    );
  const fromDeliveries = deliveries
    .filter((one) => one.problems.length > 0)
    .map((one) =>
      [`webhook ${one.event} ${one.guid}`, ...one.problems.map((problem) => `  < ${problem}`)].join(
        "\n",
      ),
    );
  return [...fromRequests, ...fromDeliveries];
}
