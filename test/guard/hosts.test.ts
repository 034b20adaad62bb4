import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { claimedHosts } from "../../src/guard/check-hosts.ts";
import { readRule, routedByLabel } from "../../src/guard/routing-hosts.ts";
import { aDraft, findings, type ServiceChange } from "./drafts.ts";

const ANY = { hosts: [], isAny: true };
const RULE = "traefik.http.routers.web.rule";

function hosts(...names: string[]) {
  return { hosts: names, isAny: false };
}

describe("a rule of the proxy's", () => {
  it.each([
    ["Host(`a.example.com`)", hosts("a.example.com")],
    ["Host(`a.example.com`, `b.example.com`)", hosts("a.example.com", "b.example.com")],
    ['host("A.Example.com.")', hosts("a.example.com")],
    ["HostSNI(`a.example.com`)", hosts("a.example.com")],
    ["Host(`a.example.com`) && PathPrefix(`/x`)", hosts("a.example.com")],
    ["PathPrefix(`/x`) && Host(`a.example.com`)", hosts("a.example.com")],
    ["Host(`a.example.com`) || Host(`b.example.com`)", hosts("a.example.com", "b.example.com")],
    [
      "(Host(`a.example.com`) || (Host(`b.example.com`))) && !Path(`/x`)",
      hosts("a.example.com", "b.example.com"),
    ],
    ["Host(`a.example.com`) && !Host(`b.example.com`)", hosts("a.example.com")],
  ])("%s", (rule, expected) => {
    expect(readRule(rule)).toEqual(expected);
  });

  it.each([
    "",
    "PathPrefix(`/`)",
    "Host(`a.example.com`) || PathPrefix(`/`)",
    "!Host(`a.example.com`)",
    "!(Host(`a.example.com`))",
    "HostRegexp(`.+`)",
    "HostSNI(`*`)",
    "Host(`{sub:.*}.example.com`)",
    "Host()",
    "Host(`a.example.com`",
    "Host(`a.example.com`))",
    "Host(`a.example.com`) PathPrefix(`/`)",
    "Host(`a.example.com`) ||",
    "&& Host(`a.example.com`)",
    "Host(a.example.com)",
    'Host("a\\".example.com")',
    "{{ template }}",
    `${"(".repeat(5000)}Host(\`a.example.com\`)${")".repeat(5000)}`,
    "!".repeat(9000),
    "x".repeat(20_000),
  ])("that may stand for any host: %.60s", (rule) => {
    expect(readRule(rule)).toMatchObject({ isAny: true });
  });

  it("is read in time linear in its length, whatever it holds", () => {
    for (const piece of ["`a` ", "`a`,", " ", '"a"  ', "Host(", "a(`b`)||"]) {
      const rule = `Host(${piece.repeat(9_900 / piece.length)}`;
      const start = process.hrtime.bigint();
      readRule(rule);
      expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(1_000);
    }
  });

  it("never throws", () => {
    const part = fc.constantFrom("Host(", "`a`", '"', ")", "(", "||", "&&", "!", " ", ",", "\\");
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const { hosts: found, isAny } = readRule(parts.join(""));
        expect(found.length > 0 || isAny).toBe(true);
      }),
    );
  });
});

describe("a label", () => {
  it.each([
    [RULE, "Host(`a.example.com`)", hosts("a.example.com")],
    ["Traefik.HTTP.Routers.web.Rule", "Host(`a.example.com`)", hosts("a.example.com")],
    ["traefik.tcp.routers.db.rule", "HostSNI(`*`)", ANY],
    [
      "traefik.frontend.rule",
      "Host:a.example.com,b.example.com;PathPrefix:/x",
      hosts("a.example.com", "b.example.com"),
    ],
    ["traefik.admin.frontend.rule", "PathPrefix:/", ANY],
    [
      "caddy",
      "a.example.com, https://b.example.com:8443/x",
      hosts("a.example.com", "b.example.com"),
    ],
    ["caddy_1", "*.example.com", hosts("*.example.com")],
    ["caddy", ":80", ANY],
    ["caddy", "", ANY],
    ["caddy", "(snippet)", ANY],
    ["caddy", "{{ .Name }}", ANY],
    ["caddy.reverse_proxy", "{{upstreams 80}}", null],
    ["traefik.enable", "true", null],
    ["traefik.http.routers.web.entrypoints", "web", null],
    ["com.example.host", "Host(`a.example.com`)", null],
  ])("%s: %s", (name, value, expected) => {
    expect(routedByLabel(name, value)).toEqual(expected);
  });
});

function routing(rule: string): ServiceChange {
  const Labels = { "com.docker.stack.namespace": "shop", [RULE]: rule };
  return { spec: { Labels } };
}

const KEY = [`services.web.deploy.labels.${RULE}`];

describe("where the operator names the hosts", () => {
  it.each([
    ["Host(`a.shop.example.com`)", []],
    ["Host(`A.SHOP.example.com`)", []],
    ["Host(`shop.example.com`)", KEY],
    ["Host(`a.b.shop.example.com`)", KEY],
    ["Host(`a.shop.example.com.evil.example.com`)", KEY],
    ["Host(`a.shop.example.com`) || Host(`bank.example.com`)", KEY],
    ["Host(`a.shop.example.com`) || Path(`/`)", KEY],
    ["PathPrefix(`/`)", KEY],
    ["HostRegexp(`.*`)", KEY],
  ])("%s", (rule, expected) => {
    const found = findings(aDraft(routing(rule)), { hosts: ["*.shop.example.com"] });
    expect(found.map(({ key }) => key)).toEqual(expected);
  });

  it("may allow all of them", () => {
    expect(findings(aDraft(routing("PathPrefix(`/`)")), { hosts: ["*"] })).toEqual([]);
    expect(findings(aDraft(routing("Host(`a.b.c`)")), { hosts: ["*"] })).toEqual([]);
  });

  it("looks at containers' labels too", () => {
    const Labels = { "com.docker.stack.namespace": "shop", [RULE]: "Host(`x.example.com`)" };
    const found = findings(aDraft({ container: { Labels } }), { hosts: [] });
    expect(found.map(({ key }) => key)).toEqual([`services.web.labels.${RULE}`]);
  });
});

describe("where the operator names none", () => {
  const claimed = new Map([
    ["bank.example.com", "bank"],
    ["*.wild.example.com", "wild"],
  ]);

  it.each([
    ["Host(`shop.example.com`)", []],
    ["Host(`bank.example.com`)", KEY],
    ["Host(`BANK.example.com.`)", KEY],
    ["Host(`shop.example.com`, `bank.example.com`)", KEY],
    ["Host(`a.wild.example.com`)", KEY],
    ["Host(`a.b.wild.example.com`)", []],
    ["PathPrefix(`/`)", KEY],
  ])("%s beside the hosts of others", (rule, expected) => {
    const found = findings(aDraft(routing(rule)), {}, { claimedHosts: claimed });
    expect(found.map(({ key }) => key)).toEqual(expected);
  });

  it("catches hosts with a pattern of Caddy's", () => {
    const Labels = { "com.docker.stack.namespace": "shop", caddy: "*.example.com" };
    const found = findings(aDraft({ spec: { Labels } }), {}, { claimedHosts: claimed });
    expect(found).toMatchObject([{ key: "services.web.deploy.labels.caddy" }]);
    expect(found[0]?.message).toContain('which the stack "bank" has already');
  });

  it("lets everything through while nobody has a host", () => {
    expect(findings(aDraft(routing("PathPrefix(`/`)")))).toEqual([]);
  });
});

it("gathers the hosts of other stacks' services", () => {
  function service(stack: string | null, labels: object, own: object = {}) {
    const namespace = stack === null ? {} : { "com.docker.stack.namespace": stack };
    return {
      Labels: { ...namespace, ...labels },
      TaskTemplate: { ContainerSpec: { Labels: { ...own } } },
    };
  }
  const services = [
    service("shop", { [RULE]: "Host(`shop.example.com`)" }),
    service("bank", { [RULE]: "Host(`bank.example.com`) || PathPrefix(`/`)" }),
    service("blog", {}, { caddy: "blog.example.com" }),
    service(null, { caddy: "byhand.example.com" }),
  ];
  expect([...claimedHosts(services, "shop")]).toEqual([
    ["bank.example.com", "bank"],
    ["blog.example.com", "blog"],
    ["byhand.example.com", ""],
  ]);
});
