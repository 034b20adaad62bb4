import type { Context } from "hono";
import type { z } from "zod";
import { parseJson } from "../../contract/json-value.ts";
import { apiError, type FieldError } from "../api-error.ts";

/** Reads a request's JSON body; throws GitHub's 400 or 422 with every fault. */
export async function readBody<T extends z.ZodType>(
  c: Context,
  schema: T,
  resource: string,
): Promise<z.infer<T>> {
  const text = await c.req.text();
  const raw = text === "" ? {} : parseJson(text);
  if (raw === undefined) throw apiError(400, "Problems parsing JSON");
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue): FieldError => {
    const field = issue.path.join(".");
    const isMissing = issue.code === "invalid_type" && issue.message.includes("undefined");
    return {
      resource,
      field,
      code: isMissing ? "missing_field" : "invalid",
      message: `${field}: ${issue.message}`,
    };
  });
  const reasons = errors.map((one) => one.message).join("; ");
  throw apiError(422, `Validation Failed: ${reasons}`, { errors });
}
