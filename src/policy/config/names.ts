/** The longest name of a service, its stack's included: a DNS label. */
export const LONGEST_NAME = 63;
/** Room for `<name>-production_<name>`. */
const LONGEST_DERIVED = 25;

/** Whether a text can be part of the names of services, networks and hosts. */
export function isName(text: string): boolean {
  return text.length <= LONGEST_NAME && /^[a-z0-9]+(?:[-_][a-z0-9]+)*$/u.test(text);
}

/** A name made of whatever text: `My.Shop` becomes `my-shop`. */
export function nameOf(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replace(/^-/u, "")
    .slice(0, LONGEST_DERIVED)
    .replace(/-$/u, "");
  return name === "" ? "app" : name;
}
