/**
 * The engine's words without the options of a mount that failed: those of a file server may hold its password, which
 * not every engine leaves out.
 */
export function engineWords(text: string): string {
  return text.replace(/, data: .*(?=: )/su, "");
}
