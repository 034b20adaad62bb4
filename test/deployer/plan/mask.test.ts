import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskValue } from "../../../src/deployer/plan/mask.ts";

describe("maskValue", () => {
  it.each([
    "DB_PASSWORD",
    "PASSWD",
    "MYSQL_ROOT_PASSWORD_FILE",
    "SSH_PASSPHRASE",
    "API_KEY",
    "apiKey",
    "APIKEY",
    "AWS_SECRET_ACCESS_KEY",
    "STRIPE_KEY",
    "KEY",
    "GITHUB_TOKEN",
    "authToken",
    "CLIENT_SECRET",
    "PRIVATE_KEY",
    "GOOGLE_CREDENTIALS",
    "SENTRY_DSN",
    "BASIC_AUTH",
    "SESSION_COOKIE",
    "PGPASS_PW",
    "traefik.http.middlewares.login.basicauth.users",
  ])("hides the value of %s", (name) => {
    for (const place of ["environment", "labels", "deploy.labels"]) {
      expect(maskValue(`${place}.${name}`, "hunter2")).toBe("***");
    }
  });

  it.each(["LOG_LEVEL", "KEYBOARD", "AUTHOR", "COMPASS", "MONKEY_COUNT", "PORT", "users_total"])(
    "shows the value of %s",
    (name) => {
      expect(maskValue(`environment.${name}`, "value")).toBe("value");
    },
  );

  it("shows settings of the stack whatever they are called", () => {
    expect(maskValue("deploy.update_config.order", "start-first")).toBe("start-first");
  });

  it.each([
    ["postgres://user:pass@db:5432/x", "postgres://***@db:5432/x"],
    ["redis://:p%40ss@cache", "redis://***@cache"],
    ["amqp://a:b@c/d@e", "amqp://***@e"],
    ["https://example.com/a", "https://example.com/a"],
    ["mail me@example.com", "mail me@example.com"],
    ["a https://u:p@x b https://v:q@y", "a https://***@x b https://***@y"],
  ])("hides the login in %s", (value, shown) => {
    expect(maskValue("environment.URL", value)).toBe(shown);
  });

  it.each([
    ['["run","--password=abc"]', '["run","--password=***"]'],
    ['["run","--api-key","abc","x"]', '["run","--api-key","***","x"]'],
    ['["sh","-c","run --token abc x"]', '["sh","-c","run --token *** x"]'],
    ['["run","--port","80"]', '["run","--port","80"]'],
  ])("hides secrets among the arguments of %s", (value, shown) => {
    expect(maskValue("command", value)).toBe(shown);
  });

  it.each([
    ["username=app,password=abc,vers=3", "username=app,password=***,vers=3"],
    ["addr=nas,pass=abc", "addr=nas,pass=***"],
    ["https://example.com/?token=abc", "https://example.com/?token=***"],
    ["bypass=abc,rw", "bypass=abc,rw"],
  ])("hides secrets among the options of %s", (value, shown) => {
    expect(maskValue("volumes./data", value)).toBe(shown);
  });

  it("hides the value of a logging option by its name", () => {
    expect(maskValue("logging.options.splunk-token", "abc")).toBe("***");
  });

  it("never shows a password that stands in a URL", () => {
    const password = fc.stringMatching(/^[A-Za-z0-9%/:!$&*+;=]{6,20}$/);
    fc.assert(
      fc.property(password, (secret) => {
        expect(maskValue("environment.URL", `postgres://app:${secret}@db/x`)).not.toContain(secret);
      }),
    );
  });
});
