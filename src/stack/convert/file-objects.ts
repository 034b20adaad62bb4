import type { StackFileObject } from "../model.ts";
import { byName } from "./by-name.ts";
import { type Conversion, fullName, stackLabels } from "./conversion.ts";
import { type Body, filled, nonEmpty, present, sortedEntries } from "./go-json.ts";

/** The bodies that create the stack's secrets, by full name: all that are not external, used or not. */
export function convertSecrets(conversion: Conversion): Record<string, Body> {
  return convertAll(conversion, "secret", conversion.model.secrets);
}

/** The bodies that create the stack's configs, by full name: all that are not external, used or not. */
export function convertConfigs(conversion: Conversion): Record<string, Body> {
  return convertAll(conversion, "config", conversion.model.configs);
}

function convertAll(
  conversion: Conversion,
  kind: "secret" | "config",
  objects: Readonly<Record<string, StackFileObject>>,
): Record<string, Body> {
  const created = sortedEntries(objects)
    .filter(([, object]) => object.isExternal !== true)
    .map(([key, object]) => {
      const name = fullName(conversion, key, object);
      return { key, name, body: fileObjectBody(conversion, { kind, name, object }) };
    });
  return byName(conversion, kind, created);
}

function fileObjectBody(
  conversion: Conversion,
  { kind, name, object }: { kind: "secret" | "config"; name: string; object: StackFileObject },
): Body {
  const data = object.driver ? undefined : object.data;
  return present({
    Name: name,
    Labels: stackLabels(conversion, object.labels),
    Data:
      data === undefined || data.length === 0 ? undefined : Buffer.from(data).toString("base64"),
    Driver:
      kind === "secret" && object.driver
        ? nonEmpty({ Name: object.driver, Options: filled(object.driverOpts) })
        : undefined,
    Templating: object.templateDriver ? { Name: object.templateDriver } : undefined,
  });
}
