import { type Description, type DescribedOperation, readDescription } from "./description.ts";
import { type JsonObject, isJsonObject, parseJson } from "./json-value.ts";
import { indexOperations } from "./operation-index.ts";
import { findProseProblems } from "./prose-rules.ts";
import { createValidators, type Validators } from "./validators.ts";

/** A request to GitHub: the path without a prefix such as `/api/v3`, the body as sent. */
export interface ContractRequest {
  readonly method: string;
  /** Path and query, such as `/repos/acme/web?per_page=100`. */
  readonly path: string;
  readonly body?: string | undefined;
}

/** GitHub's answer to a request. */
export interface ContractResponse {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** What the contract says: the operation recognised (undefined: none) and everything that is wrong. */
export interface Verdict {
  readonly operationId: string | undefined;
  readonly problems: readonly string[];
}

/** Judges traffic with GitHub against GitHub's own OpenAPI description, and against limits stated in its prose. */
export interface Contract {
  /** The description's version. */
  readonly version: string;
  request(request: ContractRequest): Verdict;
  response(request: ContractRequest, response: ContractResponse): Verdict;
  /** Judges a webhook's payload; `event` is the value of `X-GitHub-Event`. */
  webhook(event: string, payload: unknown): Verdict;
  /** The id of the operation that a method and path name. */
  operationId(method: string, path: string): string | undefined;
}

// Any operation may answer these; the description lists them only here and there.
const alwaysAllowed = new Set([304, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503]);

/** Creates the contract; reading the description takes about 50 ms, each operation compiles on first use. */
export function createContract(description: Description = readDescription()): Contract {
  const match = indexOperations(description.operations);
  const validators = createValidators(description);
  const find = ({ method, path }: ContractRequest) => {
    const url = new URL(path, "http://github");
    return { url, hit: match(method.toUpperCase(), url.pathname) };
  };
  return {
    version: description.version,
    operationId: (method, path) => find({ method, path }).hit?.found.operation.operationId,
    request: (request) => {
      const { url, hit } = find(request);
      if (!hit) return unknownOperation(request, description.version);
      const { found, pathValues } = hit;
      return {
        operationId: found.operation.operationId,
        problems: [
          ...checkPath(validators, found, pathValues),
          ...checkQuery(validators, found, url.searchParams),
          ...checkBody(description, validators, found, request.body),
        ],
      };
    },
    response: (request, response) => {
      const { hit } = find(request);
      if (!hit) return unknownOperation(request, description.version);
      const problems = checkResponse(description, validators, hit.found, response);
      return { operationId: hit.found.operation.operationId, problems };
    },
    webhook: (event, payload) => checkWebhook(description, validators, event, payload),
  };
}

function unknownOperation({ method, path }: ContractRequest, version: string): Verdict {
  const problems = [
    `no operation ${method.toUpperCase()} ${path} in GitHub's description ${version}`,
  ];
  return { operationId: undefined, problems };
}

function checkPath(
  validators: Validators,
  { operation, parameters }: DescribedOperation,
  values: Readonly<Record<string, string>>,
): string[] {
  return parameters
    .filter((one) => one.in === "path")
    .flatMap(({ name, schema = {} }) =>
      validators.checkText(
        { key: `path ${operation.operationId} ${name}`, schema, where: `path ${name}` },
        values[name],
      ),
    );
}

function checkQuery(
  validators: Validators,
  { operation, parameters }: DescribedOperation,
  query: URLSearchParams,
): string[] {
  const known = new Map(
    parameters.filter((one) => one.in === "query").map((one) => [one.name, one]),
  );
  const problems: string[] = [];
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    const parameter = known.get(name);
    if (!parameter) {
      problems.push(`query ${name} is not a parameter of ${operation.operationId}`);
      continue;
    }
    if (name === "per_page" && Number(values[0]) > 100)
      problems.push("query per_page must be <= 100");
    const use = {
      key: `query ${operation.operationId} ${name}`,
      schema: parameter.schema ?? {},
      where: `query ${name}`,
    };
    problems.push(...validators.checkText(use, values.length > 1 ? values : values[0]));
  }
  for (const { name, required } of known.values()) {
    if (required && !query.has(name)) problems.push(`query ${name} is required`);
  }
  return problems;
}

function checkBody(
  description: Description,
  validators: Validators,
  { operation, method }: DescribedOperation,
  body: string | undefined,
): string[] {
  const described = description.requestBody(operation);
  const isEmpty = body === undefined || body === "";
  if (!described)
    return isEmpty || body === "{}" || method === "GET" ? [] : ["body: the operation takes none"];
  if (isEmpty) return described.required ? ["body is required"] : [];
  const value = parseJson(body);
  if (value === undefined) return ["body is not JSON"];
  const { operationId } = operation;
  const schema: JsonObject = described.schema ?? {};
  return [
    ...validators.check(
      { key: `request ${operationId}`, schema, where: "body", strict: true },
      value,
    ),
    ...findProseProblems(operationId, value),
  ];
}

function checkResponse(
  description: Description,
  validators: Validators,
  { operation }: DescribedOperation,
  { status, contentType = "", body }: ContractResponse,
): string[] {
  const described = description.response(operation, status);
  if (!described) {
    return alwaysAllowed.has(status) ? [] : [`response: status ${status} is not described`];
  }
  // Media types such as `application/vnd.github.raw+json` or `vnd.github.sha` are not described.
  const isPlainJson = /json/.test(contentType) && !/\b(raw|sha|diff|patch)\b/.test(contentType);
  if (described.schema && isPlainJson) {
    const value = parseJson(body);
    if (value === undefined) return ["response is not JSON"];
    const key = `response ${operation.operationId} ${status}`;
    return validators.check({ key, schema: described.schema, where: "response" }, value);
  }
  // Errors carry a message even where the description forgets it, redirects a small page.
  if (!described.hasBody && body !== "" && status < 300) {
    return [`response: a body was sent with ${status}, none is described`];
  }
  return [];
}

function checkWebhook(
  description: Description,
  validators: Validators,
  event: string,
  payload: unknown,
): Verdict {
  const dashed = event.replaceAll("_", "-");
  const action = isJsonObject(payload) && typeof payload.action === "string" ? payload.action : "";
  const named = action ? `${dashed}-${action.replaceAll("_", "-")}` : dashed;
  const schema = description.webhook(named);
  if (!schema)
    return { operationId: undefined, problems: [`no webhook ${named} in GitHub's description`] };
  const problems = validators.check({ key: `webhook ${named}`, schema, where: "payload" }, payload);
  return { operationId: named, problems };
}
