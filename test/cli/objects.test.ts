import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runObjects } from "../../src/cli/objects.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let root: TempDir;
let file: string;

beforeEach(async () => {
  root = await makeTempDir();
  file = join(root.path, "stack.yml");
  await writeFile(
    file,
    "services:\n  web:\n    image: nginx:${TAG:-1}\n    hostname: ${HOST:-none}\n",
  );
});

afterEach(() => root.remove());

describe("skep objects", () => {
  it("prints a line for each object", () => {
    expect(runObjects([file, "--name", "shop"])).toEqual({
      exitCode: 0,
      stdout: "network  shop_default\nservice  shop_web  nginx:1",
      stderr: expect.stringMatching(
        /^\/\S+stack\.yml:2: services\.web\.deploy\.update_config: .+ \(update_defaults\)$/u,
      ),
    });
    expect(runObjects([file, "--name", "shop", "--as-cli"]).stderr).toBe("");
  });

  it("prints the bodies by full name with --json", () => {
    const { stdout } = runObjects([file, "--name", "shop", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      services: { shop_web: { Name: "shop_web" } },
      networks: { shop_default: { Name: "shop_default" } },
      configs: {},
      secrets: {},
      notes: [{ code: "update_defaults" }],
    });
  });

  it("takes variables from the file named, literally, and from nowhere else", async () => {
    const variables = join(root.path, "app.env");
    await writeFile(variables, '# the tag\nTAG=2\n\nHOST="h"\n');
    process.env.TAG = "of the process";
    const { stdout } = runObjects([file, "--name", "shop", "--env-file", variables, "--json"]);
    const without = runObjects([file, "--name", "shop"]).stdout;
    delete process.env.TAG;
    expect(stdout).toContain('"Image": "nginx:2"');
    expect(stdout).toContain('"Hostname": "\\"h\\""');
    expect(without).toContain("nginx:1");
  });

  it("merges several files, with paths from the first one's folder", async () => {
    await mkdir(join(root.path, "more"));
    const more = join(root.path, "more/stack.yml");
    await writeFile(
      more,
      "services: {web: {secrets: [s]}}\nsecrets: {s: {file: ./key, name: the-key}}\n",
    );
    await writeFile(join(root.path, "key"), "k");
    const { stdout } = runObjects([file, more, "--name", "shop", "--json"]);
    expect(Object.values(JSON.parse(stdout).secrets)).toMatchObject([
      { Name: expect.stringMatching(/^the-key_[0-9a-f]{12}$/u), Data: "aw==" },
    ]);
  });

  it("shows what would be built, from a folder of the checkout", async () => {
    await mkdir(join(root.path, "inner/.git"), { recursive: true });
    const inner = join(root.path, "inner/stack.yml");
    await writeFile(inner, "services: {web: {build: ./app}}\n");
    const { stdout, stderr } = runObjects([inner, "--name", "shop"]);
    expect(stdout).toContain("service  shop_web  localhost/shop/web:built");
    expect(stderr).toContain("builds this image from app ");
    expect(runObjects([inner, "--name", "shop", "--as-cli"])).toMatchObject({ exitCode: 2 });
    await writeFile(inner, "services: {web: {build: ../app}}\n");
    expect(runObjects([inner, "--name", "shop"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("(build_path)"),
    });
  });

  it("ends in 2 with every problem as JSON where the files are refused", async () => {
    await writeFile(file, "services:\n  web:\n    image: x\n    user: [a]\n");
    const { exitCode, stdout } = runObjects([file, "--name", "shop", "--json"]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      problems: [
        {
          code: expect.stringMatching(/^[a-z0-9_]+$/u),
          file,
          line: 4,
          key: "services.web.user",
          message: expect.stringContaining("string"),
        },
      ],
    });
  });

  it("ends in 2 for a file that is no text, and keeps control characters from the terminal", async () => {
    await writeFile(file, Buffer.from([0x61, 0x3a, 0xff]));
    expect(runObjects([file, "--name", "shop"])).toMatchObject({
      exitCode: 2,
      stderr: `${file}:1: the file is not UTF-8 from this line on: save it as UTF-8. (not_utf8)`,
    });
    await writeFile(file, 'services: {web: {image: "\\e[31mx"}}');
    const { stdout, stderr } = runObjects([file, "--name", "shop", "--as-cli"]);
    expect(stdout + stderr).not.toContain("\u001b");
  });

  it("reads no file outside of the tree, unless as the CLI", async () => {
    const inner = join(root.path, "inner");
    await mkdir(inner);
    const stack = join(inner, "stack.yml");
    await writeFile(
      stack,
      "services: {web: {image: x, secrets: [s]}}\nsecrets: {s: {file: ../key}}\n",
    );
    await writeFile(join(root.path, "key"), "k");
    expect(runObjects([stack, "--name", "shop"]).exitCode).toBe(2);
    expect(runObjects([stack, "--name", "shop", "--as-cli"]).exitCode).toBe(0);
  });

  it.each([
    [[], /no stack file named/u],
    [["x.yml"], /add --name NAME/u],
    [["x.yml", "--name", " "], /add --name NAME/u],
    [["x.yml", "--name", "a", "--jsn"], /--jsn/u],
    [["nowhere.yml", "--name", "a"], /reading nowhere\.yml: ENOENT.*check the name/u],
  ])("tells what is wrong with %j", (args, message) => {
    expect(() => runObjects(args)).toThrow(message);
  });

  it("tells which line of the variables is none", async () => {
    const variables = join(root.path, "app.env");
    await writeFile(variables, "A=1\nB\n");
    expect(() => runObjects([file, "--name", "a", "--env-file", variables])).toThrow(
      /line 2 is not NAME=VALUE/u,
    );
  });

  it("is a command of skep, with its exit codes", async () => {
    const run = promisify(execFile);
    const skep = join(import.meta.dirname, "../../bin/skep");
    const { stdout } = await run(skep, ["objects", "--help"]);
    expect(stdout).toMatch(/^skep objects STACKFILE\.\.\. --name NAME: /u);
    await expect(run(skep, ["objects", file])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^skep: the stack has no name: /u),
    });
    await writeFile(file, "[]");
    await expect(run(skep, ["objects", file, "--name", "a"])).rejects.toMatchObject({ code: 2 });
  });
});
