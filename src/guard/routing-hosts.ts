/** The hosts that something routes to itself; `isAny` when no list of hosts holds them all. */
export interface RoutedHosts {
  readonly hosts: readonly string[];
  readonly isAny: boolean;
}

const ANY: RoutedHosts = { hosts: [], isAny: true };
const NOTHING: RoutedHosts = { hosts: [], isAny: false };
/** Rules of this depth are no rules of people's. */
const DEEPEST = 50;
const HOST_MATCHERS = ["host", "hostheader", "hostsni"];

/** What one label routes; null when it routes nothing. Knows Traefik and caddy-docker-proxy. */
export function routedByLabel(name: string, value: string): RoutedHosts | null {
  const label = name.toLowerCase();
  if (/^traefik\.(?:http|tcp)\.routers\..+\.rule$/u.test(label)) return readRule(value);
  if (/^traefik\.(?:.+\.)?frontend\.rule$/u.test(label)) return readOldRule(value);
  if (/^caddy(?:_[^.]*)?$/u.test(label)) return readAddresses(value);
  return null;
}

/** A rule of Traefik's, such as ``Host(`a.example.com`) && PathPrefix(`/api`)``. */
export function readRule(rule: string): RoutedHosts {
  const tokens = tokensOf(rule);
  if (tokens === null) return ANY;
  const reader = { tokens, at: 0 };
  const result = readOr(reader, 0);
  return reader.at === tokens.length ? result : ANY;
}

type Token =
  | { readonly kind: "sign"; readonly text: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly string[] };

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
}

// No two neighbours may take the same blanks: a hostile rule could keep such an expression busy for ever.
const TOKEN =
  /\s*(?:(&&|\|\||[!()])|([a-z]\w*)\(\s*((?:(?:`[^`]*`|"[^"\\]*")\s*(?:,\s*)?)*)\))\s*/iuy;

function tokensOf(rule: string): readonly Token[] | null {
  if (rule.length > 10_000) return null;
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (at < rule.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(rule);
    if (match === null) return null;
    const [all, sign, name = "", list = ""] = match;
    const args = [...list.matchAll(/`([^`]*)`|"([^"\\]*)"/gu)].map(
      ([, one, other]) => one ?? other ?? "",
    );
    tokens.push(sign ? { kind: "sign", text: sign } : { kind: "call", name, args });
    at += all.length;
  }
  return tokens;
}

function takeSign(reader: Reader, text: string): boolean {
  const token = reader.tokens[reader.at];
  if (token?.kind !== "sign" || token.text !== text) return false;
  reader.at += 1;
  return true;
}

function readOr(reader: Reader, depth: number): RoutedHosts {
  let result = readAnd(reader, depth);
  while (takeSign(reader, "||")) result = join(result, readAnd(reader, depth));
  return result;
}

function readAnd(reader: Reader, depth: number): RoutedHosts {
  let result = readOne(reader, depth);
  while (takeSign(reader, "&&")) result = narrow(result, readOne(reader, depth));
  return result;
}

function readOne(reader: Reader, depth: number): RoutedHosts {
  if (depth > DEEPEST) return ANY;
  if (takeSign(reader, "!")) {
    readOne(reader, depth + 1);
    return ANY;
  }
  if (takeSign(reader, "(")) {
    const inner = readOr(reader, depth + 1);
    return takeSign(reader, ")") ? inner : ANY;
  }
  const token = reader.tokens[reader.at];
  if (token?.kind !== "call") {
    // Nothing can be made of the rest.
    reader.at = Number.POSITIVE_INFINITY;
    return ANY;
  }
  reader.at += 1;
  if (!HOST_MATCHERS.includes(token.name.toLowerCase())) return ANY;
  return hostsOf(token.args);
}

/** Either: hosts of both. */
function join(one: RoutedHosts, other: RoutedHosts): RoutedHosts {
  return { hosts: [...one.hosts, ...other.hosts], isAny: one.isAny || other.isAny };
}

/** Both: the hosts of the one that has any; more than are routed when both have. */
function narrow(one: RoutedHosts, other: RoutedHosts): RoutedHosts {
  return { hosts: [...one.hosts, ...other.hosts], isAny: one.isAny && other.isAny };
}

/** A rule of Traefik 1, such as `Host:a.example.com,b.example.com;PathPrefix:/api`. */
function readOldRule(rule: string): RoutedHosts {
  const [, list] = /^\s*Host\s*:([^;]*)(?:;|$)/iu.exec(rule) ?? [];
  return list === undefined ? ANY : hostsOf(list.split(","));
}

/** Addresses of Caddy's sites; an empty one sets options of the whole proxy, one in brackets a snippet for others. */
function readAddresses(text: string): RoutedHosts {
  const addresses = text.split(/[\s,]+/u).filter((address) => address !== "");
  if (addresses.length === 0) return ANY;
  return hostsOf(
    addresses.map((address) => address.replace(/^[a-z]+:\/\//iu, "").replace(/\/.*$/u, "")),
  );
}

function hostsOf(texts: readonly string[]): RoutedHosts {
  return texts.map(readHost).reduce(join, texts.length === 0 ? ANY : NOTHING);
}

function readHost(text: string): RoutedHosts {
  const host = text.trim().toLowerCase().replace(/:\d+$/u, "").replace(/\.$/u, "");
  const isHost = /^(?:\*\.)?[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*$/u.test(host);
  return isHost ? { hosts: [host], isAny: false } : ANY;
}
