/**
 * Where Skep does not yet do as `docker stack deploy` does, by case, and why. A case that is equal must leave this
 * table, and none may come: the count only falls.
 */
export const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {};
