/**
 * Makes the vendored subset of GitHub's description:
 *   npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz package/generated/api.github.com.json
 *   npm exec -- node sandbox/contract/prune.ts package/generated/api.github.com.json
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { isJsonObject, type JsonObject } from "./json-value.ts";

const operations = new Set(
  `
  apps/create-from-manifest apps/create-installation-access-token apps/get-authenticated
  apps/get-installation apps/get-repo-installation apps/get-webhook-config-for-app
  apps/get-webhook-delivery apps/list-installations apps/list-repos-accessible-to-installation
  apps/list-webhook-deliveries apps/redeliver-webhook-delivery apps/update-webhook-config-for-app
  checks/create checks/create-suite checks/get checks/get-suite checks/list-annotations
  checks/list-for-ref checks/list-for-suite checks/list-suites-for-ref checks/rerequest-run
  checks/rerequest-suite checks/update
  git/get-commit git/get-ref git/get-tree git/list-matching-refs
  issues/create-comment issues/get issues/get-comment issues/list-comments issues/update-comment
  meta/get pulls/get pulls/list pulls/list-files rate-limit/get
  reactions/create-for-issue-comment reactions/delete-for-issue-comment reactions/list-for-issue-comment
  repos/compare-commits-with-basehead repos/create-commit-status repos/create-deployment
  repos/create-deployment-status repos/delete-deployment repos/download-tarball-archive
  repos/get repos/get-all-environments repos/get-branch repos/get-collaborator-permission-level
  repos/get-combined-status-for-ref repos/get-commit repos/get-content repos/get-deployment
  repos/get-deployment-status repos/get-latest-release repos/get-release-by-tag repos/list-branches
  repos/list-commit-statuses-for-ref repos/list-commits repos/list-deployment-statuses
  repos/list-deployments repos/list-pull-requests-associated-with-commit repos/list-releases
  repos/list-tags teams/get-membership-for-user-in-org users/get-by-username
  `
    .trim()
    .split(/\s+/),
);

const webhooks = [
  "check-run",
  "check-suite",
  "create",
  "delete",
  "deployment",
  "deployment-status",
  "installation",
  "installation-repositories",
  "issue-comment",
  "ping",
  "pull-request",
  "push",
  "release",
];

const group = z.record(z.string(), z.unknown());
const shape = z.object({
  openapi: z.string(),
  info: group,
  paths: z.record(z.string(), group),
  components: z.record(z.string(), group),
  "x-webhooks": group,
});
type Whole = z.infer<typeof shape>;

/** Keeps the chosen operations and webhooks with everything they refer to, and drops prose and examples. */
function prune(whole: Whole): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [path, item] of Object.entries(whole.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (!isJsonObject(operation) || !operations.has(String(operation.operationId))) continue;
      (paths[path] ??= {})[method] = dropProse(operation);
    }
  }
  const hooks = Object.entries(whole["x-webhooks"])
    .filter(([name]) => webhooks.some((one) => name === one || name.startsWith(`${one}-`)))
    .map(([name, hook]) => [name, dropProse(hook)]);
  const kept = { paths, "x-webhooks": Object.fromEntries(hooks) };
  const { title, version, license } = whole.info;
  const components = collectComponents(whole, kept);
  correctAccounts(paths);
  correctHeads(components.schemas);
  return { openapi: whole.openapi, info: { title, version, license }, ...kept, components };
}

function dropProse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropProse);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([key, one]) => {
    if (["examples", "externalDocs", "x-github"].includes(key)) return false;
    // A property may itself be called "description"; its value is then a schema.
    return !(["description", "example"].includes(key) && typeof one !== "object");
  });
  return Object.fromEntries(entries.map(([key, one]) => [key, dropProse(one)]));
}

function collectComponents(whole: Whole, from: unknown): Record<string, Record<string, unknown>> {
  const components: Record<string, Record<string, unknown>> = { schemas: {} };
  const seen = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isJsonObject(value)) return;
    if (typeof value.$ref === "string" && !seen.has(value.$ref)) {
      seen.add(value.$ref);
      const [kind = "", name = ""] = value.$ref.replace("#/components/", "").split("/");
      const found = dropProse(whole.components[kind]?.[name]);
      (components[kind] ??= {})[name] = found;
      visit(found);
    }
    Object.values(value).forEach(visit);
  };
  visit(from);
  return components;
}

// What follows are mistakes of the description, seen against sibling schemas of the same file.

/** An account is a user or an enterprise; only here the description says that it is both. */
function correctAccounts(paths: Record<string, Record<string, unknown>>): void {
  const path = "/app/installations";
  const wrong = '"account":{"nullable":true,"allOf":[';
  const right = '"account":{"nullable":true,"anyOf":[';
  const text = JSON.stringify(paths[path]);
  if (!text.includes(wrong)) throw new Error("pruning: the mistake is gone, remove its correction");
  paths[path] = group.parse(JSON.parse(text.replace(wrong, right)));
}

/** The repository of a pull request's head may be gone; the description says so only of some webhooks. */
function correctHeads(schemas: Record<string, unknown> | undefined): void {
  for (const name of ["pull-request", "pull-request-simple"]) {
    const { head } = group.parse(group.parse(schemas?.[name]).properties);
    const properties = group.parse(group.parse(head).properties);
    if (!isJsonObject(properties.repo) || properties.repo.$ref === undefined)
      throw new Error("pruning: the mistake is gone, remove its correction");
    properties.repo = { nullable: true, allOf: [properties.repo] };
    Object.assign(head ?? {}, { properties });
  }
}

const source = process.argv[2];
if (source === undefined) throw new Error("usage: prune.ts <api.github.com.json>");
const subset = prune(shape.parse(JSON.parse(readFileSync(source, "utf8"))));
const target = fileURLToPath(new URL("./github-openapi.json.gz", import.meta.url));
// Level 9 without a time stamp: the same input gives the same bytes.
writeFileSync(target, gzipSync(JSON.stringify(subset), { level: 9 }));
console.log(`${target}: ${Object.keys(group.parse(subset.paths)).length} paths`);
