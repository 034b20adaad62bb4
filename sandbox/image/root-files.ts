import { execFile } from "node:child_process";
import { realpath, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { findProgram } from "../engine/privilege.ts";

const run = promisify(execFile);

/** One entry of an image's file system; paths are relative to its root. */
export type RootFile =
  | { readonly kind: "folder"; readonly path: string; readonly mode: number }
  | { readonly kind: "text"; readonly path: string; readonly text: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | {
      readonly kind: "copy";
      readonly path: string;
      readonly source: string;
      readonly size: number;
    };

/** Users and places that every image has: root, `node` (1000) and nobody. */
export const ACCOUNTS: readonly RootFile[] = [
  {
    kind: "text",
    path: "etc/passwd",
    text: "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/home/node:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
  },
  { kind: "text", path: "etc/group", text: "root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n" },
  { kind: "text", path: "etc/nsswitch.conf", text: "hosts: files dns\n" },
  { kind: "folder", path: "root", mode: 0o700 },
  { kind: "folder", path: "tmp", mode: 0o1777 },
  { kind: "folder", path: "var/tmp", mode: 0o1777 },
];

/** A shell and its tools (sh, httpd, wget, …): the machine's busybox and its names. */
export async function listBusyboxFiles(): Promise<readonly RootFile[]> {
  const busybox = await findProgram("busybox");
  if (busybox === undefined) {
    throw new Error(
      "making the sandbox's base image: busybox not found: run script/setup, or install: busybox-static",
    );
  }
  const { stdout } = await run(busybox, ["--list"]);
  const names = stdout.split("\n").filter((name) => name !== "" && name !== "busybox");
  return [
    ...ACCOUNTS,
    await copyOf(busybox, "bin/busybox"),
    ...(await listLibraries(busybox)),
    ...names.map((name): RootFile => ({ kind: "link", path: `bin/${name}`, target: "busybox" })),
    // Where scripts look for it in their first line.
    { kind: "link", path: "usr/bin/env", target: "/bin/busybox" },
  ];
}

/** The Node that runs this program. */
export async function listNodeFiles(): Promise<readonly RootFile[]> {
  const node = await realpath(process.execPath);
  return [await copyOf(node, "usr/local/bin/node"), ...(await listLibraries(node))];
}

/** Exactly the shared libraries that a program needs, where it looks for them; none if static. */
async function listLibraries(program: string): Promise<readonly RootFile[]> {
  const { stdout } = await run("ldd", [program]).catch(() => ({ stdout: "" }));
  const paths = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/gu)].map((match) => match[1] ?? "");
  return Promise.all(paths.map((path) => copyOf(path, path.slice(1))));
}

async function copyOf(source: string, path: string): Promise<RootFile> {
  const { size } = await stat(source);
  return { kind: "copy", path, source: await realpath(source), size };
}
