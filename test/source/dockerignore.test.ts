import balena from "@balena/dockerignore";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDockerignore } from "../../src/source/dockerignore.ts";

function ignored(text: string, path: string): boolean {
  const parsed = parseDockerignore(text);
  if (!parsed.ok) throw new Error(`line ${parsed.line} is wrong: ${parsed.pattern}`);
  return parsed.ignore(path);
}

// The cases of moby/patternmatcher's own tests, and some of ours.
const CASES: readonly (readonly [pattern: string, path: string, expected: boolean])[] = [
  ["**", "file", true],
  ["**", "file/", true],
  ["**/", "file", true],
  ["**", "dir/file", true],
  ["**/**", "dir/file", true],
  ["dir/**", "dir/file", true],
  ["dir/**", "dir/dir2/file", true],
  ["**/dir", "dir/file", true],
  ["**/dir2/*", "dir/dir2/file", true],
  ["**/dir2/**", "dir/dir2/dir2/file", true],
  ["**file", "file", true],
  ["**file", "dir/file", true],
  ["**file", "a.file", true],
  ["**/file", "a.file", false],
  ["**/file", "dir/dir/file", true],
  ["**/file*.txt", "dir/dir/file.txt", true],
  ["**/**/*.txt", "file.txt", true],
  ["**/**/*.txt2", "dir/dir/file.txt", false],
  ["a**/*.txt", "a/dir/dir/file.txt", true],
  ["a/*.txt", "a/dir/file.txt", false],
  ["a/*.txt**", "a/file.txt", true],
  ["a[b-d]e", "ae", false],
  ["a[b-d]e", "ace", true],
  ["a[^b-d]e", "aze", true],
  ["a[^b-d]e", "ace", false],
  [".*", ".foo", true],
  [".*", "foo", false],
  ["abc.def", "abcZdef", false],
  ["abc?def", "abcZdef", true],
  ["a\\\\", "a\\", true],
  ["a\\*b", "a*b", true],
  ["a\\*b", "axb", false],
  ["**/foo/bar", "dir/dir2/foo/bar", true],
  ["abc/**", "abc", false],
  ["abc/**", "abc/def/ghi", true],
  ["**/.foo", "bar.foo", false],
  ["a(b)c/def", "a(b)c/def", true],
  ["a.|)$(}+{bc", "a.|)$(}+{bc", true],
  ["dist/*.whl", "dist/proxy-2.4.0rc3+g08-py3.whl", true],
  ["a*b*c*d*e*/f", "axbxcxdxexxx/f", true],
  ["a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false],
  ["a?b", "a☺b", true],
  ["a?b", "a😀b", true],
  ["a?b", "a/b", false],
  ["[a-ζ]*", "α", true],
  ["*[a-ζ]", "A", false],
  ["/build/", "build/a", true],
  ["./build//x/../y", "build/y", true],
  ["# build", "# build", false],
  ["\uFEFFbuild", "build", true],
  ["Build", "build", false],
  ["node_modules", "a/node_modules/b", false],
  ["**/node_modules", "a/node_modules/b", true],
  ["constructor", "toString", false],
];

describe("a .dockerignore", () => {
  it.each(CASES)("pattern %j on %j → %j", (pattern, path, expected) => {
    expect(ignored(pattern, path)).toBe(expected);
  });

  it.each([
    ["**\n!util/docker/web", "util/docker/web/foo", false],
    ["**\n!util/docker/web\nutil/docker/web/foo", "util/docker/web/foo", true],
    ["**\n!dist/*.whl", "dist/a+b.whl", false],
    ["*\r\n\r\n  ! src  \r\n", "src/main.ts", false],
    ["!a\na", "a", true],
    ["docs\n!docs/README.md", "docs/other.md", true],
  ] as const)("%j on %j → %j", (text, path, expected) => {
    expect(ignored(text, path)).toBe(expected);
  });

  it.each(["[", "a\n[]", "[a", "[-x]", "x\\", "!", "[a-"])("refuses %j as Docker does", (text) => {
    expect(parseDockerignore(text).ok).toBe(false);
  });

  it("agrees with another implementation on generated patterns and paths", () => {
    const part = fc.stringMatching(/^[ab]{1,3}$/);
    const glob = fc.oneof(part, fc.constantFrom("*", "**", "a*", "*b", "?", "[ab]", "a?"));
    const pattern = fc.array(glob, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const line = fc.tuple(fc.boolean(), pattern).map(([not, text]) => `${not ? "!" : ""}${text}`);
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), path, (lines, file) => {
        const other = balena.default({ ignorecase: false }).add(lines);
        expect(ignored(lines.join("\n"), file)).toBe(other.ignores(file));
      }),
      { numRuns: 2000 },
    );
  });

  it("is not slowed down by a hostile pattern", () => {
    const started = performance.now();
    const stars = `${"a*".repeat(40)}b`;
    const deep = `${"**/a/".repeat(40)}b`;
    expect(ignored(`${stars}\n${deep}\n((a+)+)+x`, `${"a/".repeat(60)}${"a".repeat(200)}`)).toBe(
      false,
    );
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
