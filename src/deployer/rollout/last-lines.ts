/** What a program's last lines say about a cause that its exit code hides. */
export interface LineHint {
  /** The end of the sentence that names the cause. */
  readonly said: string;
  readonly nextStep: string;
}

interface Sign extends LineHint {
  readonly words: RegExp;
}

/** The program never came to run: whatever the exit code says else. */
const NOT_STARTED: readonly Sign[] = [
  {
    words: /exec format error/iu,
    said: "its program is for another platform, or a script without its #! line",
    nextStep: "Build the image for the node's platform; start scripts with #!/bin/sh.",
  },
  {
    // Of a program that is not there at all, the engine itself tells.
    words: /^exec \S+: no such file or directory|exec user process caused:? "?no such file/iu,
    said: "its program needs an interpreter or a library that the image does not have",
    nextStep:
      "Check the #! line of the script, also for Windows line endings, or build the program for the image's libc.",
  },
];

const HINDERED: readonly Sign[] = [
  {
    words: /read-only file system/iu,
    said: "its last lines name a read-only file system",
    nextStep: "Mount a volume or tmpfs at the path that it writes to, or drop read_only.",
  },
  {
    words: /no space left on device/iu,
    said: "its last lines say that a disk is full",
    nextStep:
      "Free space on the node (docker system df), or make the volume or tmpfs larger, then press Retry.",
  },
  {
    words: /permission denied|operation not permitted|EACCES/iu,
    said: "its last lines name a missing permission",
    nextStep:
      "Check the service's user, and owner and mode of the files that its last lines name; cap_drop and read_only forbid things too.",
  },
];

/** Why the program never came to run, by its last lines; null when they say nothing of it. */
export function whyNotStarted(lines: readonly string[]): LineHint | null {
  return find(NOT_STARTED, lines);
}

/** What hindered a program that ended with an error of its own, by its last lines; null when they say nothing known. */
export function whatHindered(lines: readonly string[]): LineHint | null {
  return find(HINDERED, lines);
}

function find(signs: readonly Sign[], lines: readonly string[]): LineHint | null {
  return signs.find(({ words }) => lines.some((line) => words.test(line))) ?? null;
}
