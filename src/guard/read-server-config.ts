import { readFileSync } from "node:fs";
import { SkepError } from "../errors.ts";
import { parseServerConfig } from "./parse-server-config.ts";
import { NO_SERVER_CONFIG, type ServerConfig } from "./rules.ts";

const MOST_PROBLEMS = 20;

/**
 * The operator's file. Throws `settings_invalid` with file and line of everything that is wrong with it; one that is
 * not there is no fault unless the operator named it.
 */
export function readServerConfig(file: {
  readonly path: string;
  readonly isRequired: boolean;
}): ServerConfig {
  const text = readText(file);
  if (text === null) return NO_SERVER_CONFIG;
  const parsed = parseServerConfig(text);
  if (parsed.ok) return parsed.config;
  const lines = parsed.problems.map(({ line, message }) => `${file.path}:${line}: ${message}`);
  const more = lines.length > MOST_PROBLEMS ? [`and ${lines.length - MOST_PROBLEMS} more`] : [];
  throw new SkepError(
    "settings_invalid",
    `reading the server's rules:\n- ${[...lines.slice(0, MOST_PROBLEMS), ...more].join("\n- ")}`,
    { nextStep: "Mend these lines and start Skep again; docs/guard.md explains every key." },
  );
}

function readText({ path, isRequired }: { path: string; isRequired: boolean }): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (isMissing && !isRequired) return null;
    throw new SkepError("settings_invalid", `reading ${path}`, {
      cause,
      nextStep: "Put a file there that Skep may read, or correct SKEP_SERVER_CONFIG.",
    });
  }
}
