import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hideSpans, keyBlockSpans, suspectSpans } from "../../src/logs/redaction.ts";

function hidden(text: string): string {
  return hideSpans(text, [...suspectSpans(text), ...keyBlockSpans(text, false).spans]);
}

const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${"s".repeat(43)}`;

describe("lines with something that looks like a secret", () => {
  it.each([
    ["a GitHub installation token", `using ghs_${"a1".repeat(18)} now`, "using [REDACTED] now"],
    ["a classic token", `ghp_${"Z9".repeat(18)}`, "[REDACTED]"],
    ["a fine-grained token", `x=github_pat_11AAAA_${"b".repeat(59)}`, "x=[REDACTED]"],
    ["an AWS key id", "id AKIAIOSFODNN7EXAMPLE.", "id [REDACTED]."],
    ["a JSON Web Token", `jwt ${JWT}!`, "jwt [REDACTED]!"],
    [
      "a registry login",
      "X-Registry-Auth: eyJ1c2VybmFtZSI6ImEifQ==",
      "X-Registry-Auth: [REDACTED]",
    ],
    ["a Swarm join token", "--token SWMTKN-1-49nj1cmql0-8vxv8rssmk", "--token [REDACTED]"],
    [
      "a login in a URL",
      "git clone https://ana:hunter2@x.dev/r",
      "git clone https://ana:[REDACTED]@x.dev/r",
    ],
    ["a password with an @", "redis://:p@ss@cache:6379/0", "redis://:[REDACTED]@cache:6379/0"],
    ["a token as user of a URL", `https://${"k".repeat(32)}@x.dev`, "https://[REDACTED]@x.dev"],
    ["a header", "> Authorization: Basic YW5hOmh1bnRlcjI=", "> Authorization: [REDACTED]"],
    [
      "a header in a command",
      "curl -H 'authorization: token abc' u",
      "curl -H 'authorization: [REDACTED]' u",
    ],
    ["a bearer token", "sent bearer abcdefghijklmnop1234", "sent bearer [REDACTED]"],
    ["a variable", "ENV DB_PASSWORD=hunter2 PORT=80", "ENV DB_PASSWORD=[REDACTED] PORT=80"],
    ["a quoted variable", `export API_TOKEN="a b \\" c" X=1`, "export API_TOKEN=[REDACTED] X=1"],
    [
      "a lower-case variable",
      "client_secret=s3cr3t&scope=all",
      "client_secret=[REDACTED]&scope=all",
    ],
    ["a name that goes on", "SECRET_KEY_BASE=abc", "SECRET_KEY_BASE=[REDACTED]"],
    ["JSON", `{"dbPassword": "hunter2", "port": 5}`, `{"dbPassword": [REDACTED], "port": 5}`],
    ["YAML", "  password: hunter2", "  password: [REDACTED]"],
    ["a flag", "mysql --user a --password hunter2 db", "mysql --user a --password [REDACTED] db"],
    [
      "a key block in one line",
      String.raw`k="-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----" x`,
      `k="[REDACTED]" x`,
    ],
  ])("hide %s", (_, line, expected) => {
    expect(hidden(line)).toBe(expected);
  });

  it.each([
    "Step 4/7 : RUN npm ci --omit=dev",
    "error: unexpected token: expected `)` at src/main.ts:4:7",
    "if (token == other) next(token => token.kind)",
    "fetching https://registry.example/pkg/-/pkg-1.2.3.tgz",
    "user@example.com pushed to git@example.com:ana/shop.git",
    "http://localhost:8080/healthz?x=1@2",
    "ENV DB_PASSWORD=$DB_PASSWORD TOKEN=${TOKEN} KEY_PASSWORD=***",
    "-----BEGIN CERTIFICATE-----",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  ])("leave alone: %s", (line) => {
    expect(hidden(line)).toBe(line);
  });
});

describe("hiding", () => {
  it("leaves no value of a telling name readable", () => {
    const name = fc.constantFrom(
      "DB_PASSWORD",
      "api_token",
      "Secret",
      "AWS_ACCESS_KEY_ID",
      "apiKey2",
    );
    const value = fc.stringMatching(/^[A-Za-z0-9!#%()+,./:;?@^_~-]{6,40}$/);
    const form = fc.constantFrom("{n}='{v}'", '{n}="{v}"', '"{n}": "{v}"', "'{n}' : '{v}'");
    fc.assert(
      fc.property(name, value, form, fc.string(), (n, v, shape, after) => {
        const line = shape.replace("{n}", n).replace("{v}", () => v);
        expect(hidden(`set ${line} ${after}`).replace(after, () => "")).not.toContain(v);
      }),
    );
  });

  it("leaves no planted token readable, whatever stands around it", () => {
    const around = fc.stringMatching(/^[ -~]{0,20}$/).map((text) => text.replace(/\w$/, " "));
    const body = fc.stringMatching(/^[A-Za-z0-9]{36}$/);
    const prefix = fc.constantFrom("ghs_", "ghp_", "gho_", "github_pat_", "npm_", "dckr_pat_");
    fc.assert(
      fc.property(around, prefix, body, around, (before, kind, token, after) => {
        expect(hidden(`${before} ${kind}${token} ${after}`)).not.toContain(token);
      }),
    );
  });

  it.each([
    "token",
    "password=",
    "://",
    "eyJ",
    "--a-",
    "-----BEGIN ",
    'secret"',
    "authorization: '",
    "a".repeat(9),
  ])("is not slowed down by a hostile line of %j", (piece) => {
    const line = piece.repeat(Math.ceil(65_536 / piece.length));
    const start = performance.now();
    hidden(line);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it("merges spans that overlap or touch", () => {
    const spans = [
      { start: 4, end: 6 },
      { start: 0, end: 2 },
      { start: 1, end: 4 },
    ];
    expect(hideSpans("abcdefgh", spans)).toBe("[REDACTED]gh");
  });
});

describe("a private key over several lines", () => {
  it("is hidden from its first to its last line", () => {
    const first = keyBlockSpans("x -----BEGIN OPENSSH PRIVATE KEY-----", false);
    expect(first).toEqual({ spans: [{ start: 2, end: 37 }], open: true });
    expect(keyBlockSpans("b3BlbnNzaC1r", true)).toEqual({
      spans: [{ start: 0, end: 12 }],
      open: true,
    });
    const last = keyBlockSpans("-----END OPENSSH PRIVATE KEY----- y", true);
    expect(last).toEqual({ spans: [{ start: 0, end: 33 }], open: false });
  });
});
