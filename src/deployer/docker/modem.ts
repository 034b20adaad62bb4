import { Socket } from "node:net";
import { Readable } from "node:stream";
import Docker from "dockerode";
import type { EngineAddress } from "./engine-address.ts";

/** One HTTP request as docker-modem takes it. A path that ends in `?` gets `options._query` appended. */
export interface DialOptions {
  readonly path: string;
  readonly method: string;
  readonly options?: {
    readonly _query?: Readonly<Record<string, string | number | boolean>>;
    readonly _body: object;
  };
  readonly file?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isStream?: boolean;
  readonly hijack?: boolean;
  readonly abortSignal: AbortSignal;
}

/** Sends one request; rejects with `{ statusCode, message }` when the engine refuses. */
export type Dial = (options: DialOptions) => Promise<unknown>;

/** The part of docker-modem that is used; dockerode's types leave it open. */
interface Modem {
  dial(
    options: DialOptions & { readonly statusCodes: Readonly<Record<number, true>> },
    callback: (error: unknown, data: unknown) => void,
  ): void;
}

const SUCCESS = { 101: true, 200: true, 201: true, 204: true } as const;

/** The way to one engine over dockerode. Its own reading of the environment is switched off. */
export function createDial(address: EngineAddress): Dial {
  const options =
    address.kind === "socket"
      ? { socketPath: address.path, host: "" }
      : { protocol: "http" as const, host: address.host, port: address.port };
  const modem: Modem = new Docker(options).modem;
  return (request) =>
    new Promise((resolve, reject) => {
      modem.dial({ ...request, statusCodes: SUCCESS }, (error, data) => {
        if (error === null || error === undefined) resolve(data);
        else reject(error instanceof Error ? error : new Error(JSON.stringify(error)));
      });
    });
}

/** The answer of a streaming call. */
export function asReadable(data: unknown): Readable {
  if (data instanceof Readable) return data;
  throw new TypeError("the engine's answer is not a stream");
}

/** The answer of a call that took over its connection. */
export function asSocket(data: unknown): Socket {
  if (data instanceof Socket) return data;
  throw new TypeError("the engine did not hand over the connection");
}
