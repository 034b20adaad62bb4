import { isJsonObject, type JsonObject } from "./json-value.ts";

type Schema = Record<string, unknown>;

const schemaPrefix = "#/components/schemas/";

const annotations = new Set([
  "nullable",
  "example",
  "examples",
  "description",
  "title",
  "discriminator",
  "xml",
  "externalDocs",
  "deprecated",
  "readOnly",
  "writeOnly",
  "default",
]);

/** Turns an OpenAPI 3.0 schema into JSON Schema 2019-09: `nullable` becomes a type, references point to `$defs`. */
export function toJsonSchema(schema: JsonObject): Schema {
  if (typeof schema.$ref === "string") {
    return { $ref: schema.$ref.replace(schemaPrefix, "#/$defs/") };
  }
  const converted: Schema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (annotations.has(keyword) || keyword.startsWith("x-")) continue;
    converted[keyword] = convertKeyword(keyword, value);
  }
  return schema.nullable === true ? allowNull(converted) : converted;
}

function convertKeyword(keyword: string, value: unknown): unknown {
  if (keyword === "enum" || keyword === "required" || keyword === "const") return value;
  if ((keyword === "properties" || keyword === "patternProperties") && isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, convertValue(one)]),
    );
  }
  return convertValue(value);
}

function convertValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convertValue);
  return isJsonObject(value) ? toJsonSchema(value) : value;
}

function allowNull(schema: Schema): Schema {
  const values = Array.isArray(schema.enum)
    ? [...new Set<unknown>([...schema.enum, null])]
    : undefined;
  if (typeof schema.type === "string") {
    return { ...schema, type: [schema.type, "null"], ...(values && { enum: values }) };
  }
  return values ? { ...schema, enum: values } : { anyOf: [schema, { type: "null" }] };
}

/**
 * Forbids properties that a schema does not name. GitHub ignores them silently, which hides typos
 * such as `id` for `identifier`; the description's own `additionalProperties: true` inside a choice
 * would hide them too and is dropped.
 */
export function closeObjects(schema: Schema): Schema {
  if ("$ref" in schema) return schema;
  const closed: Schema = { ...schema };
  if (isJsonObject(schema.properties)) {
    closed.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, one]) => [name, closeValue(one)]),
    );
    if (schema.additionalProperties === undefined) closed.unevaluatedProperties = false;
  }
  if (isJsonObject(schema.items)) closed.items = closeObjects(schema.items);
  for (const choice of ["anyOf", "oneOf", "allOf"]) {
    const branches = schema[choice];
    if (Array.isArray(branches)) closed[choice] = branches.map(dropOpenEnd);
  }
  return closed;
}

function closeValue(value: unknown): unknown {
  return isJsonObject(value) ? closeObjects(value) : value;
}

function dropOpenEnd(branch: unknown): unknown {
  if (!isJsonObject(branch) || !branch.properties || branch.additionalProperties !== true)
    return branch;
  const { additionalProperties: _open, ...rest } = branch;
  return rest;
}

/** The names of all component schemas that a value refers to, directly. */
export function referencedSchemas(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) {
    for (const one of value) referencedSchemas(one, found);
  } else if (isJsonObject(value)) {
    if (typeof value.$ref === "string" && value.$ref.startsWith(schemaPrefix)) {
      found.add(value.$ref.slice(schemaPrefix.length));
    }
    for (const one of Object.values(value)) referencedSchemas(one, found);
  }
  return found;
}
