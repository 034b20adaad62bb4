import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { isJsonObject, type JsonObject } from "./json-value.ts";

const object = z.record(z.string(), z.unknown());

const parameter = z.object({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  required: z.boolean().optional(),
  schema: object.optional(),
  "x-multi-segment": z.boolean().optional(),
});

const body = z.object({ required: z.boolean().optional(), content: z.record(z.string(), object) });

const response = z.object({ content: z.record(z.string(), object).optional() });

const operation = z.object({
  operationId: z.string(),
  parameters: z.array(object).optional(),
  requestBody: object.optional(),
  responses: z.record(z.string(), object),
});

const description = z.object({
  openapi: z.string(),
  info: z.object({ version: z.string() }),
  paths: z.record(z.string(), object),
  components: z.record(z.string(), z.unknown()),
  "x-webhooks": z.record(z.string(), z.object({ post: z.object({ requestBody: object }) })),
});

/** One parameter of an operation, its reference followed. */
export type Parameter = z.infer<typeof parameter>;
/** One operation of the description. */
export type Operation = z.infer<typeof operation>;

/** GitHub's OpenAPI description, read only. */
export interface Description {
  readonly version: string;
  /** Every operation with its method (upper case), path template and resolved parameters. */
  readonly operations: readonly DescribedOperation[];
  /** Looks a `#/components/schemas/…` name up; throws when there is none. */
  schema(name: string): JsonObject;
  /** The JSON schema of an operation's request body, and whether a body must be sent. */
  requestBody(
    operation: Operation,
  ): { schema: JsonObject | undefined; required: boolean } | undefined;
  /** The answer described for a status; undefined when the status is not described. */
  response(
    operation: Operation,
    status: number,
  ): { schema: JsonObject | undefined; hasBody: boolean } | undefined;
  /** The schema of a webhook's payload by its dashed name, such as `check-run-created`. */
  webhook(name: string): JsonObject | undefined;
}

/** An operation where it is found: `GET /repos/{owner}/{repo}`. */
export interface DescribedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly parameters: readonly Parameter[];
}

const methods = ["get", "post", "put", "patch", "delete"];

/** Reads a description (gzipped JSON); the default is the subset that lies beside this file. */
export function readDescription(
  file: URL | string = new URL("./github-openapi.json.gz", import.meta.url),
): Description {
  const raw = description.parse(JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")));
  return createDescription(raw);
}

function createDescription(raw: z.infer<typeof description>): Description {
  const follow = (value: unknown): unknown => {
    if (!isJsonObject(value) || typeof value.$ref !== "string") return value;
    const [kind = "", name = ""] = value.$ref.replace("#/components/", "").split("/");
    const group = raw.components[kind];
    if (!isJsonObject(group) || !(name in group)) {
      throw new Error(`reading GitHub's description: ${value.$ref} is not in it`);
    }
    return follow(group[name]);
  };
  const jsonSchema = (content: Record<string, JsonObject> | undefined): JsonObject | undefined => {
    const schema = content?.["application/json"]?.schema;
    return isJsonObject(schema) ? schema : undefined;
  };
  return {
    version: raw.info.version,
    operations: [...listOperations(raw.paths, follow)],
    schema: (name) => object.parse(follow({ $ref: `#/components/schemas/${name}` })),
    requestBody: (op) => {
      if (!op.requestBody) return undefined;
      const parsed = body.parse(follow(op.requestBody));
      return { schema: jsonSchema(parsed.content), required: parsed.required === true };
    },
    response: (op, status) => {
      const found = op.responses[String(status)] ?? op.responses.default;
      if (!found) return undefined;
      const { content } = response.parse(follow(found));
      return { schema: jsonSchema(content), hasBody: content !== undefined };
    },
    webhook: (name) => {
      const hook = raw["x-webhooks"][name];
      return hook && jsonSchema(body.parse(follow(hook.post.requestBody)).content);
    },
  };
}

function* listOperations(
  paths: Record<string, JsonObject>,
  follow: (value: unknown) => unknown,
): Generator<DescribedOperation> {
  for (const [path, item] of Object.entries(paths)) {
    for (const method of methods) {
      if (item[method] === undefined) continue;
      const found = operation.parse(item[method]);
      const shared = Array.isArray(item.parameters) ? item.parameters : [];
      const parameters = [...shared, ...(found.parameters ?? [])].map((one) =>
        parameter.parse(follow(one)),
      );
      yield { method: method.toUpperCase(), path, operation: found, parameters };
    }
  }
}
