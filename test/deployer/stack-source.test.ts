import { describe, expect, it } from "vitest";
import { readStack } from "../../src/deployer/stack-source.ts";
import { SkepError } from "../../src/errors.ts";
import { parseConfig } from "../../src/policy/config/config.ts";
import type { Source } from "../../src/source/ports.ts";
import type { DraftResult } from "../../src/stack/draft.ts";

const LIMIT = 1024 * 1024;
const SHA = "a".repeat(40);

/** A text or bytes of a file; `link` is there, and no file. */
type Content = string | Uint8Array | { readonly link: string };

function sourceOf(files: Readonly<Record<string, Content>>, reads: string[]): Source {
  const never = (): never => {
    throw new Error("nobody asks for this");
  };
  const find = (path: string) => (Object.hasOwn(files, path) ? files[path] : undefined);
  return {
    fetch: never,
    resolve: never,
    pullRequestHead: never,
    readFile: never,
    hasChanged: never,
    isAncestor: never,
    context: never,
    readBytes: async (_, sha, path) => {
      expect(sha).toBe(SHA);
      reads.push(path);
      const found = find(path);
      if (found === undefined || (typeof found === "object" && "link" in found)) return null;
      const bytes = typeof found === "string" ? Buffer.from(found) : found;
      if (bytes.length > LIMIT) throw new SkepError("config_invalid", "reading: too large");
      return bytes;
    },
    objectId: async (_, __, path) => (find(path) === undefined ? null : "f".repeat(40)),
  };
}

const CONFIG = "path: .\nstack:\n  - deploy/stack.yml\n";

/** What a commit with these files says of `production`, and which of them were read. */
async function readFrom(
  files: Readonly<Record<string, Content>>,
  configText = CONFIG,
  over: Partial<Source> = {},
): Promise<{ readonly result: DraftResult; readonly reads: readonly string[] }> {
  const parsed = parseConfig({
    policyText: configText,
    contentText: configText,
    repositoryName: "shop",
    defaultBranch: "main",
    hasDockerfile: false,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const reads: string[] = [];
  const result = await readStack({
    source: { ...sourceOf(files, reads), ...over },
    repository: { installationId: 1, id: 2, owner: "acme", name: "shop" },
    sha: SHA,
    version: "v1",
    environment: "production",
    stackName: "shop-production",
    config: parsed.config,
    configText,
    serverKey: new Uint8Array(32),
    defaultNetwork: null,
  });
  return { result, reads };
}

/** `code file:line key` and the message of each problem. */
async function problemsIn(
  files: Readonly<Record<string, Content>>,
  configText = CONFIG,
): Promise<readonly string[]> {
  const { result } = await readFrom(files, configText);
  if (result.ok) throw new Error("accepted");
  return result.problems.map(
    ({ code, file, line, key, message }) => `${code} ${file}:${line} ${key}: ${message}`,
  );
}

const STACK = "services:\n  web:\n    image: x\n";

describe("a stack of a commit", () => {
  it("is read with the files that it names, each once", async () => {
    const text = `${STACK}    env_file: [../a.env, b/b.env]\n    configs: [c]\nconfigs: {c: {file: ./c.conf}}\n`;
    const files = { "deploy/stack.yml": text, "a.env": "A=1", "deploy/b/b.env": "B=${A}" };
    const { result, reads } = await readFrom({ ...files, "deploy/c.conf": "c" });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.draft.services[0]?.spec.TaskTemplate.ContainerSpec.Env).toEqual([
      "A=1",
      "B=${A}",
    ]);
    expect(result.draft.configs).toMatchObject([{ key: "c", path: "deploy/c.conf", bytes: 1 }]);
    expect(reads).toEqual(["deploy/stack.yml", "a.env", "deploy/b/b.env", "deploy/c.conf"]);
  });

  it("may do without a file that is not required", async () => {
    const text = `${STACK}    env_file: [{path: no.env, required: false}]\n`;
    expect((await readFrom({ "deploy/stack.yml": text })).result.ok).toBe(true);
    const link = { "deploy/stack.yml": text, "deploy/no.env": { link: "/etc/passwd" } };
    expect(await problemsIn(link)).toEqual([expect.stringMatching(/^not_a_file /u)]);
  });

  it("drops a byte order mark", async () => {
    expect((await readFrom({ "deploy/stack.yml": `\uFEFF${STACK}` })).result.ok).toBe(true);
  });

  it("is not refused because the source cannot tell now", async () => {
    const failure = new SkepError("source_unavailable", "reading", { retryable: true });
    const readBytes = () => Promise.reject(failure);
    await expect(readFrom({}, CONFIG, { readBytes })).rejects.toBe(failure);
  });
});

const NOT_UTF8 = new Uint8Array([...Buffer.from(STACK), 0x23, 0xff, 0x0a]);

describe("a stack file that cannot be read", () => {
  it.each<[string, Readonly<Record<string, Content>>, string, string]>([
    [
      "is missing",
      {},
      CONFIG,
      "missing_file .github/skep.yml:3 stack: there is no file deploy/stack.yml in this commit, and links are not followed: add it, or correct `stack`.",
    ],
    [
      "is missing in an app by name",
      {},
      "apps:\n  shop:\n    stack: ./deploy/stack.yml\n",
      "missing_file .github/skep.yml:3 stack: there is no file deploy/stack.yml in this commit, and links are not followed: add it, or correct `stack`.",
    ],
    [
      "is missing for an environment",
      { "deploy/stack.yml": STACK },
      "stack: deploy/stack.yml\nenvironments:\n  production:\n    stack: [deploy/stack.yml,\n      more.yml]\n",
      "missing_file .github/skep.yml:5 stack: there is no file more.yml in this commit, and links are not followed: add it, or correct `stack`.",
    ],
    [
      "is a link",
      { "deploy/stack.yml": { link: "/etc/passwd" } },
      CONFIG,
      "not_a_file .github/skep.yml:3 stack: deploy/stack.yml is a folder or a symbolic link: name the file itself, links are not followed.",
    ],
    [
      "has ten megabytes",
      { "deploy/stack.yml": STACK + "#".repeat(10_000_000) },
      CONFIG,
      "file_too_large .github/skep.yml:3 stack: deploy/stack.yml is larger than 1 MiB: make it smaller.",
    ],
    [
      "is not UTF-8",
      { "deploy/stack.yml": NOT_UTF8 },
      CONFIG,
      "not_utf8 deploy/stack.yml:4 : the file is not UTF-8 from this line on: save it as UTF-8.",
    ],
  ])("%s", async (_, files, config, problem) => {
    expect(await problemsIn(files, config)).toEqual([problem]);
  });

  it("is told of with the others", async () => {
    const config = "stack: [a.yml, b.yml, c.yml]\n";
    expect(await problemsIn({ "b.yml": STACK, "c.yml": NOT_UTF8 }, config)).toEqual([
      expect.stringMatching(/^missing_file .github\/skep.yml:1 stack: there is no file a.yml/u),
      expect.stringMatching(/^not_utf8 c.yml:4 /u),
    ]);
  });

  it.each<[string, string, RegExp]>([
    [
      "a cyclic anchor",
      "services: &s\n  web:\n    image: x\n    labels: *s\n",
      /^yaml_cycle deploy\/stack.yml:4 : /u,
    ],
    [
      "an alias bomb",
      `${STACK}x-0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (__, level) => `x-${level + 1}: &a${level + 1} [${Array<string>(9).fill(`*a${level}`).join()}]\n`).join("")}`,
      /^yaml_aliases deploy\/stack.yml:\d+ : aliases .*: write out what they repeat\.$/u,
    ],
    ["a tab", "services:\n\tweb: {image: x}\n", /^yaml_syntax deploy\/stack.yml:2 : .*tab/iu],
    [
      "a key twice",
      "services:\n  web: {image: x}\n  web: {image: y}\n",
      /^yaml_duplicate_key deploy\/stack.yml:3 : .*"web" already defined at line 2/u,
    ],
    ["no services but a list", "- web\n", /^top_level deploy\/stack.yml:1 : /u],
  ])("has %s", async (_, text, problem) => {
    const [first, ...more] = await problemsIn({ "deploy/stack.yml": text });
    expect(first).toMatch(problem);
    expect(more).toEqual([]);
  });
});

describe("a file that a stack names", () => {
  const named = (file: string) => `${STACK}    configs: [c]\nconfigs:\n  c:\n    file: ${file}\n`;

  it.each<[string, string, Content | null, string]>([
    [
      "is not there",
      "c.conf",
      null,
      "missing_file deploy/stack.yml:7 configs.c.file: there is no file deploy/c.conf in this commit, and links are not followed: add it, or name another one.",
    ],
    [
      "is a link out of the tree",
      "c.conf",
      { link: "../../../etc/passwd" },
      "not_a_file deploy/stack.yml:7 configs.c.file: deploy/c.conf is a folder or a symbolic link: name the file itself, links are not followed.",
    ],
    [
      "has more than 1 MiB",
      "c.conf",
      new Uint8Array(LIMIT + 1),
      "file_too_large deploy/stack.yml:7 configs.c.file: deploy/c.conf is larger than 1 MiB: make it smaller.",
    ],
    [
      "is outside of the repository",
      "../../c.conf",
      null,
      'missing_file deploy/stack.yml:7 configs.c.file: "../../c.conf" leaves the repository: name a file inside of it.',
    ],
    [
      "is on the machine",
      "/etc/passwd",
      null,
      'missing_file deploy/stack.yml:7 configs.c.file: "/etc/passwd" leaves the repository: name a file inside of it.',
    ],
  ])("%s", async (_, file, content, problem) => {
    const files = { "deploy/stack.yml": named(file) };
    const all = content === null ? files : { ...files, "deploy/c.conf": content };
    expect(await problemsIn(all)).toEqual([problem]);
  });

  it("is never read outside of the repository", async () => {
    const text = `${STACK}    env_file: [../../x.env, /etc/passwd]\n`;
    const { reads } = await readFrom({ "deploy/stack.yml": text });
    expect(reads).toEqual(["deploy/stack.yml"]);
  });

  it("is an env file that is none", async () => {
    const text = `${STACK}    env_file: a.env\n`;
    const spoilt = { "deploy/stack.yml": text, "deploy/a.env": NOT_UTF8 };
    expect(await problemsIn(spoilt)).toEqual([
      "bad_env_file deploy/stack.yml:4 services.web.env_file: invalid env file (a.env): it is not UTF-8. Correct it.",
    ]);
  });

  it("is one of six hundred", async () => {
    const names = Array.from({ length: 600 }, (_, index) => `c${index}`);
    const configs = names.map((name) => `  ${name}: {file: ${name}.conf}\n`).join("");
    const files = { "deploy/stack.yml": `${STACK}configs:\n${configs}` };
    const { result, reads } = await readFrom(files);
    expect(result).toMatchObject({
      ok: false,
      problems: [{ code: "too_many_files", file: "deploy/stack.yml" }],
    });
    expect(reads).toEqual(["deploy/stack.yml"]);
  });

  it("is one of so many that no memory should hold them", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `c${index}`);
    const configs = names.map((name) => `  ${name}: {file: ${name}.conf}\n`).join("");
    const contents = names.map((name) => [`deploy/${name}.conf`, new Uint8Array(LIMIT)] as const);
    const files = { "deploy/stack.yml": `${STACK}configs:\n${configs}` };
    const { result, reads } = await readFrom({ ...files, ...Object.fromEntries(contents) });
    expect(result).toMatchObject({ ok: false, problems: [{ code: "too_many_files" }] });
    expect(reads.length).toBeLessThan(70);
  });
});
