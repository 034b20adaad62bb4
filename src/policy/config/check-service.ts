import type { Annotation } from "../../deployment.ts";
import type { ConfigApp } from "./content.ts";

/** What is wrong with the service that an app's file describes, or doubtful about it. */
export function checkService(
  _app: ConfigApp,
  _text: string,
  _variables: Readonly<Record<string, string>>,
): readonly Annotation[] {
  return [];
}
