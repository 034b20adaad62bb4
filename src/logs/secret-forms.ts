/** Shorter values are not hidden: their traces would be everywhere, and hiding them would reveal them. */
export const MIN_SECRET_LENGTH = 4;

/** Of a secret with several lines, lines shorter than this (a brace, a comma) are not secrets of their own. */
const MIN_PART_LENGTH = 8;

/**
 * Every way in which a secret value commonly appears in output: as it is, line by line, as JSON text, percent-encoded,
 * and in Base64 at each of the three offsets it can have inside a longer encoded text.
 */
export function secretForms(value: string): readonly string[] {
  const plain = value.trim();
  if (plain.length < MIN_SECRET_LENGTH) return [];
  const forms = new Set<string>();
  for (const form of [value, plain]) {
    for (const encoded of [...percentForms(form), ...base64Forms(form)]) forms.add(encoded);
    forms.add(JSON.stringify(form).slice(1, -1));
  }
  const parts = plain.split(/\r?\n/).map((part) => part.trim());
  if (parts.length === 1) forms.add(plain);
  else for (const part of parts) if (part.length >= MIN_PART_LENGTH) forms.add(part);
  return [...forms].filter((form) => form.length >= MIN_SECRET_LENGTH && !form.includes("\n"));
}

function percentForms(value: string): readonly string[] {
  const encoded = encodeURIComponent(value.toWellFormed());
  const strict = encoded.replace(
    /[!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return [encoded, strict].flatMap((form) => [
    form,
    form.replaceAll("%20", "+"),
    form.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
  ]);
}

function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const whole = bytes.toString("base64");
  const inner = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    // Characters that hold no bit of what stands before or after the value.
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
  return [whole, whole.replace(/=+$/, ""), ...inner].flatMap((form) => [
    form,
    form.replaceAll("+", "-").replaceAll("/", "_"),
  ]);
}
