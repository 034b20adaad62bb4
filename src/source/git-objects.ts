import { SkepError } from "../errors.ts";
import { collectErrors, ended, type GitProcess } from "./git.ts";

/** What git answered about one object. */
export interface GitObject {
  readonly oid: string;
  readonly type: string;
  readonly size: number;
  /** Null when it is larger than was asked for. */
  readonly content: Buffer | null;
}

/** Objects by name (`<sha>`, `<sha>:<path>`), answered by one process that stays. */
export interface GitObjects {
  /** Null when there is no such object; throws `source_unavailable` when git cannot tell. */
  read(name: string, limit: number): Promise<GitObject | null>;
  close(): void;
}

interface Question {
  readonly limit: number;
  readonly resolve: (answer: GitObject | null) => void;
  readonly reject: (error: SkepError) => void;
}

/** The header of the answer that is being read, and what has come of its content. */
interface Answer {
  readonly header: Omit<GitObject, "content">;
  readonly pieces: Buffer[];
  left: number;
}

/**
 * Wraps a started `git cat-file --batch`. Starting a git for each question took a push longer than all its questions:
 * some ten milliseconds of the main thread each, where an answer takes a fraction of one.
 */
export function createGitObjects(child: GitProcess): GitObjects {
  const questions: Question[] = [];
  const complaint = collectErrors(child);
  let rest: Buffer = Buffer.alloc(0);
  let answer: Answer | null = null;
  let over: SkepError | null = null;

  function end(why: string): void {
    over ??= unavailable(why);
    for (const { reject } of questions.splice(0)) reject(over);
  }

  function takeHeader(): boolean {
    const lineEnd = rest.indexOf(10);
    if (lineEnd < 0) return false;
    const line = rest.toString("utf8", 0, lineEnd);
    rest = rest.subarray(lineEnd + 1);
    const [, oid, type, size] = /^([0-9a-f]{40,64}) ([a-z]+) (\d+)$/.exec(line) ?? [];
    if (oid === undefined || type === undefined) {
      if (!/ (missing|ambiguous)$/.test(line)) end("an answer was not understood");
      questions.shift()?.resolve(null);
      return true;
    }
    const header = { oid, type, size: Number(size) };
    // Each content is followed by a line feed of its own.
    answer = { header, pieces: [], left: header.size + 1 };
    return true;
  }

  function takeContent(current: Answer): boolean {
    const piece = rest.subarray(0, current.left);
    rest = rest.subarray(piece.length);
    current.left -= piece.length;
    const isKept = current.header.size <= (questions[0]?.limit ?? 0);
    if (isKept) current.pieces.push(piece);
    if (current.left > 0) return false;
    const content = isKept ? Buffer.concat(current.pieces).subarray(0, -1) : null;
    questions.shift()?.resolve({ ...current.header, content });
    answer = null;
    return true;
  }

  child.stdout.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length > 0 && (answer === null ? takeHeader() : takeContent(answer)));
  });
  ended(child).then(
    () => end(complaint().slice(0, 200) || "git ended"),
    () => end("git could not be started"),
  );

  return {
    read: (name, limit) => {
      if (over !== null) return Promise.reject(over);
      // The protocol has one name in a line; no file that Skep looks for has a line end in its name.
      if (name.includes("\n")) return Promise.resolve(null);
      return new Promise((resolve, reject) => {
        questions.push({ limit, resolve, reject });
        child.stdin.write(`${name}\n`);
      });
    },
    close: () => {
      end("it was closed");
      child.kill("SIGKILL");
    },
  };
}

function unavailable(why: string): SkepError {
  return new SkepError("source_unavailable", `reading the mirror: ${why}`, {
    retryable: true,
    nextStep: "Nothing to do: the mirror is fetched anew before the next try.",
  });
}
