const DOMAIN_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const PATH = `${PATH_PART}(?:/${PATH_PART})*`;
const TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
const DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const REFERENCE = new RegExp(`^(?:(${DOMAIN})/)?(${PATH})(?::(${TAG}))?(?:@(${DIGEST}))?$`);

const IDENTIFIER = /^[a-f0-9]{64}$/;
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
const DEFAULT_DOMAIN = "docker.io";
const OFFICIAL = "library/";
/** The longest path of a repository, in characters. */
const LONGEST_PATH = 255;

/** How an image is called: in its short form with a tag or digest, or why it is not a name. */
export type ParsedImage =
  | { readonly ok: true; readonly familiar: string }
  | { readonly ok: false; readonly problem: string };

/**
 * An image's name as it is sent: without the default registry, with `latest` where no tag or digest is. An id of 64
 * digits or a bare digest stays as it is: the CLI lets it through.
 */
export function parseImageReference(image: string): ParsedImage {
  if (image === "") {
    return { ok: false, problem: "no image specified" };
  }
  if (IDENTIFIER.test(image) || digestProblem(image) === undefined) {
    return { ok: true, familiar: image };
  }
  const { domain, remainder } = splitDomain(image);
  const [remote = ""] = remainder.split(":");
  if (remote.toLowerCase() !== remote) {
    const problem = `invalid reference format: repository name (${remote}) must be lowercase`;
    return { ok: false, problem };
  }
  const match = REFERENCE.exec(`${domain}/${remainder}`);
  if (match === null) {
    return { ok: false, problem: "invalid reference format" };
  }
  const [, host, path = "", tag, digest] = match;
  if (path.length > LONGEST_PATH) {
    const problem = `repository name must not be more than ${LONGEST_PATH} characters`;
    return { ok: false, problem };
  }
  const problem = digest === undefined ? undefined : digestProblem(digest);
  return problem === undefined
    ? { ok: true, familiar: `${shortName(host, path)}${suffix(tag, digest)}` }
    : { ok: false, problem };
}

function splitDomain(image: string): { domain: string; remainder: string } {
  const slash = image.indexOf("/");
  const first = image.slice(0, slash);
  const rest = image.slice(slash + 1);
  if (slash === -1) {
    return { domain: DEFAULT_DOMAIN, remainder: `${OFFICIAL}${image}` };
  }
  if (first === "index.docker.io" || first === DEFAULT_DOMAIN) {
    return {
      domain: DEFAULT_DOMAIN,
      remainder: rest.includes("/") ? rest : `${OFFICIAL}${rest}`,
    };
  }
  return first === "localhost" || /[.:]/.test(first) || first.toLowerCase() !== first
    ? { domain: first, remainder: rest }
    : { domain: DEFAULT_DOMAIN, remainder: image };
}

function shortName(domain: string | undefined, path: string): string {
  if (domain !== DEFAULT_DOMAIN) {
    return domain === undefined ? path : `${domain}/${path}`;
  }
  const name = path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : path;
  return name.includes("/") ? path : name;
}

function suffix(tag: string | undefined, digest: string | undefined): string {
  const named = tag ?? (digest === undefined ? "latest" : undefined);
  return `${named === undefined ? "" : `:${named}`}${digest === undefined ? "" : `@${digest}`}`;
}

function digestProblem(text: string): string | undefined {
  const [algorithm = "", hex = "", ...rest] = text.split(":");
  const length = Object.hasOwn(DIGEST_LENGTHS, algorithm) ? DIGEST_LENGTHS[algorithm] : undefined;
  if (length === undefined) {
    return "unsupported digest algorithm";
  }
  if (hex.length !== length) {
    return "invalid checksum digest length";
  }
  return rest.length === 0 && /^[a-f0-9]+$/.test(hex)
    ? undefined
    : "invalid checksum digest format";
}
