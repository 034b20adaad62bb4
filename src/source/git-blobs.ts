import { SkepError } from "../errors.ts";
import { collectErrors, ended, type GitProcess } from "./git.ts";

/** Objects of a mirror, read one after the other from one `git cat-file --batch`. */
export interface GitBlobs {
  /** Asks for objects; they come in this order. */
  request(oids: readonly string[]): void;
  /** The bytes of the next object, piece by piece. Throws when the mirror does not have it. */
  next(): AsyncGenerator<Buffer>;
  /** The next object whole. */
  nextWhole(): Promise<Buffer>;
  close(): void;
}

const HEADER_LIMIT = 256;

/** Wraps a started `git cat-file --batch`. */
export function createGitBlobs(child: GitProcess): GitBlobs {
  const chunks = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const complaint = collectErrors(child);
  const exit = ended(child);
  exit.catch(() => undefined);
  let rest: Buffer = Buffer.alloc(0);

  async function more(): Promise<void> {
    const chunk = await chunks.next();
    if (chunk.done !== true) {
      rest = rest.length === 0 ? chunk.value : Buffer.concat([rest, chunk.value]);
      return;
    }
    await exit;
    throw broken(`git ended early: ${complaint().slice(0, 200)}`);
  }

  async function size(): Promise<number> {
    let end = rest.indexOf(10);
    while (end < 0 && rest.length < HEADER_LIMIT) {
      await more();
      end = rest.indexOf(10);
    }
    const line = rest.toString("latin1", 0, Math.max(0, end));
    const bytes = /^[0-9a-f]+ [a-z]+ ([0-9]+)$/.exec(line)?.[1];
    if (bytes === undefined) throw broken(`unexpected answer ${JSON.stringify(line)}`);
    rest = rest.subarray(end + 1);
    return Number(bytes);
  }

  async function* next(): AsyncGenerator<Buffer> {
    let left = await size();
    while (left > 0) {
      if (rest.length === 0) await more();
      const piece = rest.subarray(0, left);
      rest = rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
    // Each object ends with a line feed that is not part of it.
    if (rest.length === 0) await more();
    rest = rest.subarray(1);
  }

  return {
    request: (oids) => void child.stdin.write(oids.map((oid) => `${oid}\n`).join("")),
    next,
    nextWhole: async () => {
      const pieces: Buffer[] = [];
      for await (const piece of next()) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    close: () => {
      child.stdin.end();
      child.stdout.destroy();
      child.kill("SIGKILL");
    },
  };
}

function broken(why: string): SkepError {
  return new SkepError("source_unavailable", `reading the mirror: ${why}`, {
    retryable: true,
    nextStep: "Nothing to do: the mirror is fetched anew before the next try.",
  });
}
