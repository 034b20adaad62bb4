import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** One TypeScript file of the project, with what it imports. Paths are relative to the project, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Imported project files, and packages as they are written. */
  readonly imports: readonly string[];
}

const ROOT = join(import.meta.dirname, "../..");
const IMPORT = /(?:^|\n)\s*(?:import|export)\s(?:[^;"']*?\sfrom\s*)?["']([^"']+)["']/g;

/** Reads all TypeScript files under a folder of the project. */
export function readSourceFiles(folder: string): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes("node_modules"))
    .map((name) => {
      const file = join(ROOT, folder, name);
      const text = readFileSync(file, "utf8");
      const imports = [...text.matchAll(IMPORT)].map(([, target = ""]) =>
        target.startsWith(".") ? relative(ROOT, join(dirname(file), target)) : target,
      );
      return { path: relative(ROOT, file), text, imports };
    });
}

/** The text without comments and strings, for rules about code. */
export function codeOnly(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(^|[^:"'`])\/\/[^\n]*/g, "$1")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
}
