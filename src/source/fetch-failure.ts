/** Why a fetch failed, as far as git's words tell. `broken` is all that the local mirror may be the cause of. */
export type FetchFailure = "not_found" | "denied" | "unavailable" | "broken";

const SIGNS: readonly (readonly [FetchFailure, RegExp])[] = [
  ["not_found", /repository .* not found|Repository not found|requested URL returned error: 404/i],
  ["not_found", /couldn't find remote ref|not our ref|no such remote ref/i],
  ["not_found", /does not appear to be a git repository|unadvertised object/i],
  ["denied", /Authentication failed|could not read (Username|Password)/i],
  ["denied", /requested URL returned error: 40[13]/i],
  [
    "unavailable",
    /unable to access|unable to look up|Could not resolve|Connection (refused|reset)/i,
  ],
  [
    "unavailable",
    /RPC failed|early EOF|hung up|timed out|unexpected disconnect|Operation too slow/i,
  ],
  [
    "unavailable",
    /requested URL returned error: [45]\d\d|the requested protocol|unable to connect/i,
  ],
  [
    "unavailable",
    /transport '.*' not allowed|expected flush|unable to update url base from redir/i,
  ],
  ["unavailable", /No space left on device|Permission denied|Read-only file system/i],
];

/** Reads git's error output, which is in English (`LC_ALL=C`). */
export function classifyFetchFailure(stderr: string): FetchFailure {
  return SIGNS.find(([, sign]) => sign.test(stderr))?.[0] ?? "broken";
}

/** The first telling line of git's error output, without control characters, at most 300 characters; hostile text. */
export function firstComplaint(stderr: string): string {
  const lines = stderr
    .split("\n")
    // eslint-disable-next-line no-control-regex -- removing them is the point
    .map((line) => line.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim())
    .filter((line) => line !== "");
  const telling = lines.find((line) => /^(fatal|error|remote): /.test(line)) ?? lines[0] ?? "";
  return telling.slice(0, 300);
}
