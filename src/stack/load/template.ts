/** Looks a variable up; undefined where it is not set. */
export type Lookup = (name: string) => string | undefined;

/** A text with its variables filled in, or why that cannot be. */
export type Substituted =
  | { readonly ok: true; readonly text: string; readonly note?: Note }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** What Skep does otherwise than the CLI. */
interface Note {
  readonly code: string;
  readonly message: string;
}

const VARIABLE =
  /\$(?:(\$)|([_a-z][_a-z0-9]*(?::?[-?][^}]*)?)|\{([_a-z][_a-z0-9]*(?::?[-?][^}]*)?)\}|)/gi;

/**
 * Fills in variables exactly as `docker stack deploy`: an unset one is empty, `-` is looked for before `?` anywhere in
 * the expression, and a good variable makes it forget a bad one before it.
 */
export function substituteAsCli(text: string, lookup: Lookup): Substituted {
  let failure: Substituted | null = null;
  const result = text.replace(
    VARIABLE,
    (_, escaped?: string, named?: string, braced?: string): string => {
      if (escaped !== undefined) return escaped;
      const expression = named ?? braced;
      if (expression === undefined) {
        failure = invalid(text);
        return "";
      }
      const value = evaluateAsCli(expression, lookup);
      failure = typeof value === "string" ? null : value;
      return typeof value === "string" ? value : "";
    },
  );
  return failure ?? { ok: true, text: result };
}

function evaluateAsCli(expression: string, lookup: Lookup): string | Substituted {
  const [soft, softDefault] = cut(expression, ":-");
  if (softDefault !== null) return lookup(soft) || softDefault;
  const [hard, hardDefault] = cut(expression, "-");
  if (hardDefault !== null) return lookup(hard) ?? hardDefault;
  const [filled, filledMessage] = cut(expression, ":?");
  if (filledMessage !== null) return lookup(filled) || required(filled, filledMessage);
  const [set, setMessage] = cut(expression, "?");
  if (setMessage !== null) return lookup(set) ?? required(set, setMessage);
  return lookup(expression) ?? "";
}

function cut(text: string, separator: string): [before: string, after: string | null] {
  const at = text.indexOf(separator);
  if (at === -1) return [text, null];
  return [text.slice(0, at), text.slice(at + separator.length)];
}

const EXPRESSION = /^([_a-z][_a-z0-9]*)(?:(:?)([-?])(.*))?$/is;

/**
 * Fills in variables as they are written: the first operator counts, and a variable that is not set needs a default.
 * The note tells of a required variable's message that the CLI would have put there as a value.
 */
export function substitute(text: string, lookup: Lookup): Substituted {
  let failure: Substituted | null = null;
  let note: Note | undefined;
  const result = text.replace(
    VARIABLE,
    (_, escaped?: string, named?: string, braced?: string): string => {
      if (escaped !== undefined) return escaped;
      const expression = named ?? braced;
      const value = expression === undefined ? invalid(text) : evaluate(expression, lookup);
      if (typeof value !== "string") failure ??= value;
      if (expression !== undefined && hasHyphenInMessage(expression)) note = HYPHEN;
      return typeof value === "string" ? value : "";
    },
  );
  return failure ?? { ok: true, text: result, ...(note && { note }) };
}

const HYPHEN: Note = {
  code: "required_message",
  message:
    "docker stack deploy would use what stands after the hyphen in the message as the value: Skep does not.",
};

function hasHyphenInMessage(expression: string): boolean {
  const [, , , operator, rest = ""] = EXPRESSION.exec(expression) ?? [];
  return operator === "?" && rest.includes("-");
}

function evaluate(expression: string, lookup: Lookup): string | Substituted {
  const [, name = "", colon, operator, rest = ""] = EXPRESSION.exec(expression) ?? [];
  const value = lookup(name);
  const isMissing = value === undefined || (colon === ":" && value === "");
  if (!isMissing) return value;
  if (operator === "-") return rest;
  if (operator === "?") return required(name, rest);
  const message = `variable ${name} is not set: give it a value, or a default as in \${${name}:-}.`;
  return { ok: false, code: "variable_unset", message };
}

function invalid(text: string): Substituted {
  const message = `invalid interpolation format: ${JSON.stringify(text)}. Escape a $ that is meant as such with another $.`;
  return { ok: false, code: "bad_interpolation", message };
}

function required(name: string, message: string): Substituted {
  const cause = `required variable ${name} is missing a value: ${message}`;
  return { ok: false, code: "required_variable", message: `${cause}. Give it a value.` };
}
