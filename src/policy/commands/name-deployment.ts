import { quote } from "../../commands/quote.ts";
import type { Deployment } from "../../deployment.ts";

/** `#14 (v1.9.0)`, for messages. */
export function nameDeployment({ number, version }: Deployment): string {
  return `#${number} (${/^[0-9a-f]{7}$/u.test(version) ? version : quote(version)})`;
}
