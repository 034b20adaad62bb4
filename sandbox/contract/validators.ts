import { Ajv2019, type ErrorObject, type ValidateFunction } from "ajv/dist/2019.js";
import addFormats from "ajv-formats";
import type { Description } from "./description.ts";
import { closeObjects, referencedSchemas, toJsonSchema } from "./json-schema.ts";
import type { JsonObject } from "./json-value.ts";

/** Compiles and keeps one validator per key; compiling takes up to 200 ms, checking microseconds. */
export interface Validators {
  /** Checks a value; the problems name the place as `where/…`. `strict` forbids unknown properties. */
  check(
    use: { key: string; schema: JsonObject; where: string; strict?: boolean },
    value: unknown,
  ): string[];
  /** Checks a value of a path or a query, where everything arrives as text. */
  checkText(use: { key: string; schema: JsonObject; where: string }, value: unknown): string[];
}

// Formats of GitHub's own, or wider there than ajv-formats has them.
const loose = [
  "uri-template",
  "uri-reference",
  "timestamp",
  "repo.nwo",
  "ssh-key",
  "ssh-key fingerprint",
];
const looser = ["int64", "number", "hostname", "ipv6", "byte", "binary", "url"];

/** Creates the validators over one description. */
export function createValidators(description: Description): Validators {
  const forBodies = createAjv(false);
  const forText = createAjv("array");
  const compiled = new Map<string, ValidateFunction>();
  const remember = (key: string, compile: () => ValidateFunction): ValidateFunction => {
    const known = compiled.get(key) ?? compile();
    compiled.set(key, known);
    return known;
  };
  return {
    check: ({ key, schema, where, strict = false }, value) => {
      const validate = remember(key, () => {
        const root = strict ? closeObjects(toJsonSchema(schema)) : toJsonSchema(schema);
        return forBodies.compile({ allOf: [root], $defs: definitions(description, schema) });
      });
      return validate(value) ? [] : describeErrors(validate.errors ?? [], where);
    },
    checkText: ({ key, schema, where }, value) => {
      const validate = remember(key, () =>
        forText.compile({
          type: "object",
          properties: { value: toJsonSchema(schema) },
          $defs: definitions(description, schema),
        }),
      );
      return validate({ value }) ? [] : describeErrors(validate.errors ?? [], where, "/value");
    },
  };
}

function createAjv(coerceTypes: false | "array"): Ajv2019 {
  const ajv = new Ajv2019({ strict: false, allErrors: true, coerceTypes });
  addFormats.default(ajv);
  for (const format of [...loose, ...looser]) ajv.addFormat(format, true);
  // GitHub's own default for several addresses is the empty text.
  ajv.addFormat("uri", (text: string) => text === "" || /^[a-z][a-z0-9+.-]*:/i.test(text));
  // A bot's address is 12345+app[bot]@users.noreply.github.com.
  ajv.addFormat("email", (text: string) => /^[^@\s]+@[^@\s]+$/.test(text));
  return ajv;
}

function definitions(description: Description, schema: JsonObject): JsonObject {
  const found: Record<string, unknown> = {};
  const open = [...referencedSchemas(schema)];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name in found) continue;
    const one = description.schema(name);
    found[name] = toJsonSchema(one);
    open.push(...referencedSchemas(one));
  }
  return found;
}

function describeErrors(errors: readonly ErrorObject[], where: string, drop = ""): string[] {
  // "must match a schema in anyOf" says nothing beside the reasons of its branches.
  const telling = errors.filter(
    (one) => errors.length < 3 || !/^(if|anyOf|oneOf)$/.test(one.keyword),
  );
  return telling.slice(0, 12).map((one) => {
    const params: JsonObject = one.params;
    const allowed = params.allowedValues
      ? ` ${JSON.stringify(params.allowedValues).slice(0, 160)}`
      : "";
    const extra = params.additionalProperty ?? params.unevaluatedProperty;
    const named = typeof extra === "string" ? `: "${extra}"` : "";
    return `${where}${one.instancePath.slice(drop.length)} ${one.message ?? "is not valid"}${allowed}${named}`;
  });
}
