const MEBIBYTE = 1024 * 1024;
const GIBIBYTE = 1024 * MEBIBYTE;

/** An amount of memory, in bytes, as a person reads it: `64 MiB`, `1.5 GiB`. */
export function memoryText(bytes: number): string {
  return bytes < GIBIBYTE ? `${rounded(bytes / MEBIBYTE)} MiB` : `${rounded(bytes / GIBIBYTE)} GiB`;
}

function rounded(amount: number): number {
  return Math.round(amount * 10) / 10;
}
