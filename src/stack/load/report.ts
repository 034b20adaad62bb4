import { keyOf, type Step } from "./value.ts";

/** Something wrong at a place of one file. */
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
}

/** The root of a file, telling problems to `problems`. */
export function rootAt(problems: Problem[]): At {
  return placeAt([], problems);
}

function placeAt(path: readonly Step[], problems: Problem[]): At {
  return {
    path,
    get key() {
      return keyOf(path);
    },
    to: (step) => placeAt([...path, step], problems),
    refuse: (code, message) => void problems.push({ code, path, message }),
  };
}
