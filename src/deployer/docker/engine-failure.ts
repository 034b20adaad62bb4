import { z } from "zod";
import { SkepError } from "../../errors.ts";

/** The engine answered, and said no. */
export interface EngineRefusal {
  readonly kind: "refused";
  readonly status: number;
  /** The engine's words, without the wrapping of its inner calls; hostile text. */
  readonly message: string;
}

const httpError = z.object({ statusCode: z.number(), message: z.string() });

/** Reads what docker-modem rejects with; null when the engine did not answer at all. */
export function readRefusal(error: unknown): EngineRefusal | null {
  const parsed = httpError.safeParse(error);
  if (!parsed.success) return null;
  const { statusCode, message } = parsed.data;
  // docker-modem wraps the engine's words: "(HTTP code 404) unexpected - no such service ".
  const words = /^\(HTTP code \d+\) unexpected - (.*) $/su.exec(message)?.[1] ?? message;
  return { kind: "refused", status: statusCode, message: plainWords(words) };
}

/** The engine's words for people: `rpc error: code = Unknown desc = update out of sequence` loses its wrapping. */
export function plainWords(message: string): string {
  return message.replaceAll(/rpc error: code = \w+ desc = /gu, "").trim();
}

const NO_LEADER = /lost leader status|does not have a leader|no elected primary|raft: /iu;

/** A refusal that the caller has no better word for, as breakage. */
export function refusalError(action: string, refusal: EngineRefusal): SkepError {
  const { message, status } = refusal;
  const details = { status };
  // An engine that has just started says so too, until its Swarm is up.
  if (/not a swarm manager/iu.test(message)) return notManager(action, message, true);
  if (NO_LEADER.test(message)) {
    return new SkepError("swarm_unreachable", `${action}: ${message}`, {
      retryable: true,
      details,
      nextStep: "Bring back enough managers for the Swarm to choose a leader; Skep tries again.",
    });
  }
  return new SkepError("internal", `${action}: ${message}`, {
    retryable: status >= 500,
    details,
    nextStep: "Look into the log of the Docker Engine, then try again.",
  });
}

/** The engine manages no Swarm, or (retryable) not yet. */
export function notManager(action: string, words: string, retryable = false): SkepError {
  return new SkepError("swarm_not_manager", `${action}: ${words}`, {
    retryable,
    nextStep: "Run `docker swarm init` there, or let DOCKER_HOST name a manager of the Swarm.",
  });
}

const systemError = z.object({ code: z.string() });

const NEXT_STEPS: Readonly<Record<string, string>> = {
  EACCES: "Let the user that runs Skep use this socket (group docker).",
  EPERM: "Let the user that runs Skep use this socket (group docker).",
};

/** The engine did not answer: it is away, refuses the connection or hung up. */
export function unreachable(action: string, host: string, cause: unknown): SkepError {
  const words = cause instanceof Error ? cause.message : String(cause);
  const code = systemError.safeParse(cause).data?.code ?? "";
  return new SkepError("swarm_unreachable", `${action}: reaching the engine at ${host}: ${words}`, {
    retryable: true,
    cause,
    nextStep:
      NEXT_STEPS[code] ?? "Start the Docker Engine, or set DOCKER_HOST to one; Skep tries again.",
  });
}

/** The engine took the call, and did not finish it in time. */
export function overdue(action: string, host: string, limitMs: number): SkepError {
  const message = `${action}: the engine at ${host} did not answer within ${limitMs / 1000} s`;
  return new SkepError("swarm_unreachable", message, {
    retryable: true,
    nextStep: "Look whether the Docker Engine is overloaded or hangs; Skep tries again.",
  });
}

/** Reads an answer of the engine; throws `internal` when it has another shape than the API promises. */
export function readAnswer<T>(schema: z.ZodType<T>, body: unknown, action: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new SkepError(
    "internal",
    `${action}: the engine's answer is not understood: ${where[0] ?? ""}`,
    {
      cause: parsed.error,
      nextStep: "Check that the Docker Engine is version 20.10 or newer.",
    },
  );
}
