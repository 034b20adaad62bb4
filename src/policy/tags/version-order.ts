const NUMBER = "(0|[1-9]\\d*)";
const VERSION = new RegExp(
  `^(?<prefix>.*/)?v?${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(?<pre>[0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?$`,
  "u",
);

interface Version {
  /** What stands before it in a repository of several parts, e.g. `api/`. */
  readonly prefix: string;
  readonly numbers: readonly string[];
  /** The parts of a pre-release; none for a release. */
  readonly pre: readonly string[];
}

/**
 * Whether a tag is an older version than another, in the order of semantic versions; `v` and `api/v` may stand before
 * them. False for tags that are none, or of different parts: those have no order but that of their arrival.
 */
export function isOlderVersion(tag: string, than: string): boolean {
  const [one, other] = [parse(tag), parse(than)];
  if (one === null || other === null || one.prefix !== other.prefix) return false;
  return compare(one, other) < 0;
}

function parse(tag: string): Version | null {
  const match = VERSION.exec(tag);
  if (match === null) return null;
  const { prefix = "", pre = "" } = match.groups ?? {};
  return { prefix, numbers: match.slice(2, 5), pre: pre === "" ? [] : pre.split(".") };
}

function compare(one: Version, other: Version): number {
  const byNumbers = compareLists(one.numbers, other.numbers, compareNumbers);
  if (byNumbers !== 0) return byNumbers;
  // A release comes after its pre-releases.
  if (one.pre.length === 0 || other.pre.length === 0) return other.pre.length - one.pre.length;
  return compareLists(one.pre, other.pre, compareIdentifiers);
}

/** By the first part that differs; of two that begin alike, the shorter one first. */
function compareLists(
  one: readonly string[],
  other: readonly string[],
  by: (a: string, b: string) => number,
): number {
  for (const [index, part] of one.entries()) {
    const against = other[index];
    if (against === undefined) return 1;
    const order = by(part, against);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

/** Of any length: dates and build numbers are longer than a double is exact. */
function compareNumbers(one: string, other: string): number {
  return one.length - other.length || compareTexts(one, other);
}

/** Numbers come before words. */
function compareIdentifiers(one: string, other: string): number {
  const [isNumber, isOtherNumber] = [isNumeric(one), isNumeric(other)];
  if (isNumber && isOtherNumber) return compareNumbers(one, other);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return compareTexts(one, other);
}

function isNumeric(text: string): boolean {
  return /^(?:0|[1-9]\d*)$/u.test(text);
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
