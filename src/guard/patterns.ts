/**
 * Whether a text is what a pattern stands for: `*` is any number of characters but the separator. A pattern that is
 * nothing but `*` stands for everything. Takes time linear in pattern times text, whatever they hold.
 */
export function isLike(pattern: string, text: string, separator: string | null = null): boolean {
  if (pattern === "*") return true;
  if (separator === null) return isLikePart(pattern, text);
  const patterns = pattern.split(separator);
  const parts = text.split(separator);
  return (
    patterns.length === parts.length &&
    patterns.every((part, index) => isLikePart(part, parts[index] ?? ""))
  );
}

/** Whether one of the patterns stands for a text. */
export function isLikeAny(
  patterns: readonly string[],
  text: string,
  separator: string | null = null,
): boolean {
  return patterns.some((pattern) => isLike(pattern, text, separator));
}

/** GitHub does not tell `Acme/Shop` from `acme/shop`. */
export function isRepositoryLike(patterns: readonly string[], repository: string): boolean {
  const name = repository.toLowerCase();
  return patterns.some((pattern) => isLike(pattern.toLowerCase(), name, "/"));
}

function isLikePart(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
