import { SkepError } from "../../errors.ts";

/** What a registry's words mean: who has to do something now. */
type RegistryTrouble = "login" | "away" | "untrusted" | "missing" | "other";

const MEANINGS: readonly (readonly [RegistryTrouble, RegExp])[] = [
  ["untrusted", /x509|certificate|HTTP response to HTTPS client|tls: /iu],
  [
    "login",
    /unauthorized|authentication required|\bdenied\b|no basic auth|incorrect username|forbidden|\b40[13]\b/iu,
  ],
  [
    "away",
    /dial |connection re(?:fused|set)|no such host|timeout|timed out|deadline exceeded|unreachable|no route|\bEOF\b|broken pipe|did not answer|toomanyrequests|too many requests|HTTP status:? 5\d\d|server misbehaving/iu,
  ],
  ["missing", /manifest unknown|name unknown|not found|does not exist/iu],
];

function meaningOf(words: string): RegistryTrouble {
  // Addresses and names are quoted, and somebody's image may be called `denied`.
  const plain = words.replaceAll(/"[^"]*"/gu, "");
  return MEANINGS.find(([, pattern]) => pattern.test(plain))?.[0] ?? "other";
}

const TRUST =
  "Let every engine trust the registry's certificate, or list the registry among their insecure-registries.";

const PULL_STEPS: Readonly<Record<RegistryTrouble, string>> = {
  untrusted: TRUST,
  login:
    "Check the image's name; if it is private, put a login that may pull it into the file that SKEP_REGISTRY_AUTH names.",
  away: "Check the registry's name, and that this engine can reach it; then deploy again.",
  missing: "Check the image's name and tag, or push it to the registry; then deploy again.",
  other:
    "Check the image's name and tag, and that this engine can reach and may read its registry.",
};

const PUSH_STEPS: Readonly<Record<RegistryTrouble, string>> = {
  untrusted: TRUST,
  login:
    "Put a login that may push there into the file that SKEP_REGISTRY_AUTH names, or create the repository where the registry asks for that; then retry.",
  away: "Bring the registry of SKEP_REGISTRY back, or let this engine reach it; then retry.",
  missing: "Check that SKEP_REGISTRY names a place that exists in the registry; then retry.",
  other: "Mend what the registry's words name, then retry.",
};

/**
 * The registry does not give the image: it does not have it, keeps it from us, or cannot be asked. `details.registry`
 * tells which: `missing`, `login`, `away`, `untrusted` or `other`.
 */
export function imageNotFound(action: string, words: string): SkepError {
  const meaning = meaningOf(words);
  return new SkepError("image_not_found", `${action}: ${words}`, {
    details: { registry: meaning },
    nextStep: PULL_STEPS[meaning],
  });
}

/** The registry did not take the image; retryable when it is only away. */
export function pushFailed(action: string, words: string): SkepError {
  const meaning = meaningOf(words);
  return new SkepError("push_failed", `${action}: ${words}`, {
    retryable: meaning === "away",
    details: { registry: meaning },
    nextStep: PUSH_STEPS[meaning],
  });
}
