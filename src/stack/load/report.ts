import { keyOf, type Step } from "./value.ts";

/** Something wrong, or worth saying, at a place of one file. */
export interface Problem {
  readonly code: string;
  readonly path: readonly Step[];
  readonly message: string;
}

/** A place in a file, where problems and notes are told. */
export interface At {
  readonly path: readonly Step[];
  /** `services.web.ports[0]`. */
  readonly key: string;
  /** The place inside this one. */
  to(step: Step): At;
  refuse(code: string, message: string): void;
  /** Tells what Skep does otherwise than the CLI here. */
  note(code: string, message: string): void;
}

/** What was told of a file. */
export interface Told {
  readonly problems: Problem[];
  readonly notes: Problem[];
}

/** The root of a file, whose places tell to `told`. */
export function rootAt(told: Told): At {
  return placeAt([], told);
}

function placeAt(path: readonly Step[], told: Told): At {
  return {
    path,
    get key() {
      return keyOf(path);
    },
    to: (step) => placeAt([...path, step], told),
    refuse: (code, message) => void told.problems.push({ code, path, message }),
    note: (code, message) => void told.notes.push({ code, path, message }),
  };
}
