/** The bodies that are sent, by section and full name. */
export interface Wire {
  readonly services: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, unknown>>;
}

const SECTIONS = ["services", "networks", "configs", "secrets"] as const;

/** The four sections of a recorded or a computed result, as JSON would carry them. */
export function sections(value: unknown): Wire {
  const json = record(JSON.parse(JSON.stringify(value)));
  const [services, networks, configs, secrets] = SECTIONS.map((name) => record(json[name]));
  if (!services || !networks || !configs || !secrets) throw new Error("a section is missing");
  return { services, networks, configs, secrets };
}

/**
 * What the recorded results have lost on purpose: the folder's name, ids, and the order of ports, secrets and configs
 * (the CLI's own is random for equal names). All other order stays.
 */
export function normalise(value: unknown, folder: string): Wire {
  const text = JSON.stringify(value).replaceAll(folder, "__DIR__");
  const wire = sections(JSON.parse(text));
  const services = Object.entries(wire.services).map(([name, body]) => [
    name,
    normaliseService(record(body)),
  ]);
  return { ...wire, services: record(Object.fromEntries(services)) };
}

function normaliseService(body: Record<string, unknown>): Record<string, unknown> {
  const endpoint = record(body.EndpointSpec);
  const ports = sorted(endpoint.Ports, ["PublishedPort", "TargetPort", "Protocol"]);
  if (ports) endpoint.Ports = ports;
  const container = record(record(body.TaskTemplate).ContainerSpec);
  for (const kind of ["Secret", "Config"]) {
    const references = sorted(container[`${kind}s`], [`${kind}Name`, "File"]);
    if (references) container[`${kind}s`] = references.map((item) => without(item, `${kind}ID`));
  }
  return body;
}

function sorted(list: unknown, keys: readonly string[]): Record<string, unknown>[] | null {
  if (!Array.isArray(list)) return null;
  const rank = (item: Record<string, unknown>): string =>
    keys
      .map((key) => (key === "File" ? record(item.File ?? {}).Name : item[key]))
      .map((part) =>
        typeof part === "number" ? String(part).padStart(10, "0") : JSON.stringify(part ?? ""),
      )
      .join("\0");
  return list.map(record).toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

function without(item: Record<string, unknown>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== key));
}

/** Each place in which two results differ, as `path: wanted → got`. */
export function differences(wanted: unknown, got: unknown, path = ""): readonly string[] {
  if (isObject(wanted) && isObject(got)) {
    const keys = [...new Set([...Object.keys(wanted), ...Object.keys(got)])].toSorted();
    return keys.flatMap((key) => differences(wanted[key], got[key], `${path}/${key}`));
  }
  const [one, other] = [JSON.stringify(wanted), JSON.stringify(got)];
  return one === other || sameList(wanted, got)
    ? []
    : [`${path}: ${one ?? "absent"} → ${other ?? "absent"}`];
}

/** Lists are compared as JSON with the keys of their items in one order. */
function sameList(wanted: unknown, got: unknown): boolean {
  if (!Array.isArray(wanted) || !Array.isArray(got) || wanted.length !== got.length) return false;
  return wanted.every((item, index) => differences(item, got[index]).length === 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function record(value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw new Error(`not an object: ${JSON.stringify(value)}`);
  return value;
}
