import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { z } from "zod";
import { createSystemClock, type Clock } from "../../clock.ts";
import { describeAddress, parseEngineAddress } from "./engine-address.ts";
import {
  overdue,
  readAnswer,
  readRefusal,
  refusalError,
  unreachable,
  type EngineRefusal,
} from "./engine-failure.ts";
import { asReadable, asSocket, createDial, type Dial, type DialOptions } from "./modem.ts";

/** One call to the engine. `action` says what it is for, as an error text begins: `reading service web`. */
export interface EngineCall {
  readonly action: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Path below the API version. Names in it are encoded by the caller. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A call whose answer is read as it comes, until `signal` aborts. `upload` is sent as a tar archive. */
interface EngineStreamCall extends EngineCall {
  readonly signal: AbortSignal;
  readonly upload?: Readable;
}

/** What the engine made of a call: a refusal is a value, because only the caller knows what it means. */
type EngineAnswer<T> = { readonly kind: "ok"; readonly body: T } | EngineRefusal;

/**
 * A connection to one engine. Its calls reject with `swarm_unreachable` (retryable) when the engine is away or takes
 * more than 30 s; streaming calls reject with the reason of their signal when that aborts first.
 */
export interface DockerClient {
  /** The engine's address, for texts. */
  readonly name: string;
  readonly clock: Clock;
  /** The API version that both sides speak, e.g. `1.41`. */
  apiVersion(): Promise<string>;
  request(call: EngineCall): Promise<EngineAnswer<unknown>>;
  stream(call: EngineStreamCall): Promise<EngineAnswer<Readable>>;
  /** A connection over which the engine calls back (HTTP/2) during one build. */
  openSession(id: string, signal: AbortSignal): Promise<Socket>;
}

/** What Skep is written against; engines that no longer speak it get the oldest that they do. */
const API_VERSION = "1.41";
const CALL_LIMIT_MS = 30_000;

const versionAnswer = z.object({ ApiVersion: z.string(), MinAPIVersion: z.string().optional() });

/**
 * Connects to the engine at `host` (the forms of `DOCKER_HOST`; the system's socket when empty). Nothing is sent
 * until the first call. Throws `settings_invalid` when `host` is no address.
 */
export function createDockerClient(
  host: string | undefined,
  clock: Clock = createSystemClock(),
): DockerClient {
  const address = parseEngineAddress(host);
  const name = describeAddress(address);
  let version: Promise<string> | null = null;
  // Whatever answers next may be another engine than the one that was asked for its version.
  const sender = createSender({
    dial: createDial(address),
    name,
    clock,
    onLost: () => (version = null),
  });

  async function apiVersion(): Promise<string> {
    version ??= negotiate(sender);
    try {
      return await version;
    } catch (error) {
      version = null;
      throw error;
    }
  }

  return {
    name,
    clock,
    apiVersion,
    request: async (call) =>
      await sender.sendInTime(call.action, dialOptions(call, await apiVersion())),
    stream: async (call) => {
      const { action, signal: abortSignal, upload: file } = call;
      const options = { ...dialOptions(call, await apiVersion()), isStream: true, abortSignal };
      const answer = await sender.send(action, file ? { ...options, file } : options);
      return answer.kind === "ok" ? { kind: "ok", body: asReadable(answer.body) } : answer;
    },
    openSession: async (id, abortSignal) => {
      const action = "opening a build session";
      const path = `/v${await apiVersion()}/session`;
      const headers = { Upgrade: "h2c", "X-Docker-Expose-Session-Uuid": id };
      const options = { path, method: "POST", headers, hijack: true, abortSignal };
      const answer = await sender.send(action, options);
      if (answer.kind === "refused") throw refusalError(action, answer);
      return asSocket(answer.body);
    },
  };
}

interface Sender {
  /** Lasts until the signal in the options aborts. */
  send(action: string, options: DialOptions): Promise<EngineAnswer<unknown>>;
  /** Lasts 30 s at most. */
  sendInTime(
    action: string,
    options: Omit<DialOptions, "abortSignal">,
  ): Promise<EngineAnswer<unknown>>;
}

function createSender({
  dial,
  name,
  clock,
  onLost,
}: {
  readonly dial: Dial;
  readonly name: string;
  readonly clock: Clock;
  readonly onLost: () => void;
}): Sender {
  async function send(action: string, options: DialOptions): Promise<EngineAnswer<unknown>> {
    try {
      return { kind: "ok", body: await dial(options) };
    } catch (error) {
      const refusal = readRefusal(error);
      if (refusal === null || /client version .* is too/u.test(refusal.message)) onLost();
      if (refusal !== null) return refusal;
      options.abortSignal.throwIfAborted();
      throw unreachable(action, name, error);
    }
  }

  return {
    send,
    sendInTime: async (action, options) => {
      const abortSignal = clock.deadline(CALL_LIMIT_MS);
      try {
        return await send(action, { ...options, abortSignal });
      } catch (error) {
        throw abortSignal.aborted ? overdue(action, name, CALL_LIMIT_MS) : error;
      }
    },
  };
}

async function negotiate(sender: Sender): Promise<string> {
  const action = "asking the engine for its API version";
  const answer = await sender.sendInTime(action, { path: "/version", method: "GET" });
  if (answer.kind === "refused") throw refusalError(action, answer);
  const { ApiVersion, MinAPIVersion } = readAnswer(versionAnswer, answer.body, action);
  return chooseVersion(MinAPIVersion ?? API_VERSION, ApiVersion);
}

function dialOptions(call: EngineCall, version: string): Omit<DialOptions, "abortSignal"> {
  const { method, query, body } = call;
  const path = `/v${version}${call.path}`;
  // docker-modem writes headers of its own into the object that it is given.
  const base = call.headers === undefined ? { method } : { method, headers: { ...call.headers } };
  if (query === undefined && body === undefined) return { ...base, path };
  const content = { _body: body ?? {} };
  if (query === undefined) return { ...base, path, options: content };
  return { ...base, path: `${path}?`, options: { ...content, _query: query } };
}

function chooseVersion(oldest: string, newest: string): string {
  if (compareVersions(oldest, API_VERSION) > 0) return oldest;
  return compareVersions(newest, API_VERSION) < 0 ? newest : API_VERSION;
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
