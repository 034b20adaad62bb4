const LONGEST_WORD = 60;

/** The known word that a mistyped one most likely means, at most `limit` letters away; null when none is close. */
export function nearest(
  word: string,
  known: readonly string[],
  limit = LONGEST_WORD,
): string | null {
  if (word.length > LONGEST_WORD) return null;
  const typed = simplify(word);
  const most = Math.min(limit, Math.max(1, Math.floor(typed.length / 3)));
  let best: string | null = null;
  let least = most + 1;
  for (const candidate of known) {
    const distance = distanceOf(typed, simplify(candidate));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** `stopGracePeriod` and `stop-grace-period` are the same word to a person. */
function simplify(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/gu, "");
}

/** How many letters differ, two swapped neighbours counting as one. */
function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (current[column - 1] ?? 0) + 1,
        (last[column] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
