import type { StackFileObject, StackFileReference, StackService } from "../model.ts";
import { type Conversion, fullName } from "./conversion.ts";
import { type Body, compareBytes, own } from "./go-json.ts";

/** Read by all, written by none: 0444. */
const DEFAULT_MODE = 0o444;

type Kind = "secret" | "config";

/** Whose references are converted. */
interface Use {
  readonly kind: Kind;
  readonly service: string;
}

interface Reference {
  readonly name: string;
  readonly target: string;
  readonly body: Body;
}

/** A service's secrets, sorted by name and then by target. */
export function convertSecretReferences(
  conversion: Conversion,
  key: string,
  service: StackService,
): readonly Body[] {
  const use: Use = { kind: "secret", service: key };
  return sorted(conversion, use, references(conversion, use, service.secrets));
}

/** A service's configs, sorted likewise; the one that its credential spec names is there too, without a file. */
export function convertConfigReferences(
  conversion: Conversion,
  key: string,
  service: StackService,
): readonly Body[] {
  const use: Use = { kind: "config", service: key };
  const files = references(conversion, use, service.configs);
  const source = service.credentialSpec?.config;
  if (!source) {
    return sorted(conversion, use, files);
  }
  const name = resolve(conversion, use, { path: "credential_spec.config", source });
  const runtime = { name, target: "", body: { Runtime: {}, ConfigName: name } };
  return sorted(conversion, use, [runtime, ...files]);
}

function references(
  conversion: Conversion,
  use: Use,
  list: readonly StackFileReference[] = [],
): readonly Reference[] {
  const seen = new Set<string>();
  return list.map((reference, index) => {
    const path = `${use.kind}s[${index}]`;
    const name = resolve(conversion, use, { path, source: reference.source });
    const target = reference.target || reference.source;
    if (seen.has(target)) {
      conversion.refuse({
        code: `duplicate_${use.kind}_target`,
        key: `services.${use.service}.${path}`,
        message: `service ${use.service}: duplicate ${use.kind} target for ${name} not allowed`,
      });
    }
    seen.add(target);
    return { name, target, body: fileReference(use.kind, name, { ...reference, target }) };
  });
}

function fileReference(
  kind: Kind,
  name: string,
  reference: StackFileReference & { readonly target: string },
): Body {
  return {
    File: {
      Name: reference.target,
      UID: reference.uid || "0",
      GID: reference.gid || "0",
      Mode: reference.mode ?? DEFAULT_MODE,
    },
    [kind === "secret" ? "SecretName" : "ConfigName"]: name,
  };
}

function resolve(
  conversion: Conversion,
  { kind, service }: Use,
  { path, source }: { path: string; source: string },
): string {
  const { model } = conversion;
  const objects: Readonly<Record<string, StackFileObject>> =
    kind === "secret" ? model.secrets : model.configs;
  const object = own(objects, source);
  if (object === undefined) {
    conversion.refuse({
      code: `undefined_${kind}`,
      key: `services.${service}.${path}`,
      message: `service ${service}: undefined ${kind} ${JSON.stringify(source)}`,
    });
  }
  return fullName(conversion, source, object);
}

/** By name and target. The CLI sorts by name only, and leaves equal names in an order that differs from run to run. */
function sorted(
  conversion: Conversion,
  { kind, service }: Use,
  list: readonly Reference[],
): readonly Body[] {
  if (new Set(list.map(({ name }) => name)).size < list.length) {
    conversion.note({
      code: "order",
      key: `services.${service}.${kind}s`,
      message: `service ${service} has a ${kind} twice: docker stack deploy sends the two in random order and so restarts tasks for nothing; they are sorted by target`,
    });
  }
  return list
    .toSorted(
      (one, other) => compareBytes(one.name, other.name) || compareBytes(one.target, other.target),
    )
    .map(({ body }) => body);
}
