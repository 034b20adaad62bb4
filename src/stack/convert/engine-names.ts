import type { Conversion } from "./conversion.ts";

/** What an engine takes as a name of a service or network: letters and digits, `-` and `_` within. */
const DNS_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;
const LONGEST_DNS_NAME = 63;
const FILE_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?$/;
const LONGEST_FILE_NAME = 64;

/** All objects of a stack, by kind and full name. */
type Named = Readonly<Record<"networks" | "secrets" | "configs" | "services", object>>;

/** Refuses the names that every engine refuses, which the CLI learns after it has created the rest. */
export function checkNames(conversion: Conversion, objects: Named): void {
  const check = (kind: string, names: object, problemOf: (name: string) => string | undefined) => {
    for (const name of Object.keys(names)) {
      const problem = problemOf(name);
      if (problem !== undefined) {
        conversion.refuse({
          code: "name_invalid",
          key: `${kind}s`,
          message: `failed to create ${kind} ${name}: ${problem}`,
        });
      }
    }
  };
  check("network", objects.networks, dnsProblem);
  check("secret", objects.secrets, fileProblem);
  check("config", objects.configs, fileProblem);
  check("service", objects.services, dnsProblem);
}

function dnsProblem(name: string): string | undefined {
  if (!DNS_NAME.test(name)) {
    return "name must be valid as a DNS name component";
  }
  return name.length > LONGEST_DNS_NAME ? "name must be 63 characters or fewer" : undefined;
}

function fileProblem(name: string): string | undefined {
  return FILE_NAME.test(name) && name.length <= LONGEST_FILE_NAME
    ? undefined
    : "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]";
}
