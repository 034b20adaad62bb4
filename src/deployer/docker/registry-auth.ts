import { readFileSync, statSync } from "node:fs";
import { SkepError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { registryOf } from "../image-name.ts";
import { parseRegistryConfig, type RegistryConfig, type RegistryLogin } from "./registry-config.ts";

/** The logins that Skep has for registries. */
export interface RegistryAuth {
  /** What `X-Registry-Auth` says for an image's registry; null when Skep has no login for it. */
  readonly headerFor: (image: string) => string | null;
  /** All values that no log may show, as of now. */
  secrets(): string[];
}

/** Where the logins are, and who must know of changes. */
export interface RegistryAuthOptions {
  /** A Docker `config.json`; null for no logins at all. */
  readonly file: string | null;
  readonly log: Logger;
  /** Is told the new values that no log may show, each time the file brought others. */
  readonly onRotated: (secrets: string[]) => void;
}

/**
 * Reads the logins, and again whenever the file changed before they are used: rotated tokens take effect without a
 * restart. Throws `settings_invalid` when it cannot be used from the start; what is wrong with it later is logged once,
 * and the logins known before stay.
 */
export function createRegistryAuth({ file, log, onRotated }: RegistryAuthOptions): RegistryAuth {
  if (file === null) return { headerFor: () => null, secrets: () => [] };
  let stamp = stampOf(file);
  const first = readFile(file);
  if (!first.ok) throw invalid(first.problem);
  let { logins } = first;

  function refresh(path: string): void {
    const now = stampOf(path);
    if (now === stamp) return;
    stamp = now;
    const next = readFile(path);
    if (!next.ok) {
      log.warn({ problem: next.problem }, "SKEP_REGISTRY_AUTH cannot be read again: logins stay");
      return;
    }
    logins = next.logins;
    onRotated(revealAll(logins));
  }

  return {
    headerFor: (image) => {
      refresh(file);
      return logins.get(registryOf(image))?.header.reveal() ?? null;
    },
    secrets: () => revealAll(logins),
  };
}

/** Tells a changed file, also one that was replaced or changed within the same tick of the clock; null for none. */
function stampOf(file: string): string | null {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true });
    return `${mtimeNs}/${size}/${ino}`;
  } catch {
    return null;
  }
}

function readFile(file: string): RegistryConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { ok: false, problem: "it names a file that cannot be read" };
  }
  return parseRegistryConfig(text);
}

function revealAll(logins: ReadonlyMap<string, RegistryLogin>): string[] {
  return [...logins.values()].flatMap(({ secrets }) => secrets.map((secret) => secret.reveal()));
}

function invalid(problem: string): SkepError {
  return new SkepError("settings_invalid", `reading SKEP_REGISTRY_AUTH: ${problem}`, {
    nextStep: "Let SKEP_REGISTRY_AUTH name a Docker config.json with the logins under auths.",
  });
}
