import type { Annotation } from "../../deployment.ts";
import type { StackRemark } from "../../stack/model.ts";

/** What is wrong with a stack's file, on its line. */
export function annotate({ file, line, key, code, message }: StackRemark): Annotation {
  return {
    path: file,
    line: line ?? 1,
    level: "failure",
    title: code.replaceAll("_", " "),
    message: key === "" ? message : `${key}: ${message}`,
  };
}
