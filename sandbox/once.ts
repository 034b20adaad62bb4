import { request } from "node:http";
import type { Sandbox } from "./bring-up.ts";
import { followCommit, type FinishedCheck } from "./follow-commit.ts";
import { describeCheck } from "./terminal.ts";

/** Pushes the sample's first commit and waits until GitHub shows that it is live. Throws when it is not. */
export async function deployFirstCommit(sandbox: Sandbox): Promise<FinishedCheck> {
  return pushAndProve(sandbox, "Say hello", "Hello from Skep");
}

/** Changes the sample, pushes it, waits until GitHub shows that it is live, and asks the app itself. */
export async function pushOnce(sandbox: Sandbox, tell: (text: string) => void): Promise<void> {
  await deployFirstCommit(sandbox);
  const greeting = `Hello again, at ${new Date().toISOString().slice(11, 19)}`;
  tell(`git push: ${sandbox.sample.greetingFile} says ${JSON.stringify(greeting)}`);
  await sandbox.sample.greet(greeting);
  const check = await pushAndProve(sandbox, "Greet again", greeting);
  tell(describeCheck(check));
  tell(`\n${sandbox.appUrl} now answers: ${greeting}`);
}

async function pushAndProve(
  sandbox: Sandbox,
  message: string,
  greeting: string,
): Promise<FinishedCheck> {
  const sha = await sandbox.sample.push(message);
  const check = await followCommit(sandbox.github, sandbox.sample, sha, sandbox.sample.deadlineMs);
  if (check.conclusion !== "success") {
    throw new Error(
      `GitHub shows ${check.conclusion} for ${sha.slice(0, 7)}:\n${describeCheck(check)}`,
    );
  }
  const answer = await askApp(sandbox.appUrl);
  if (!answer.includes(`<h1>${greeting}</h1>`)) {
    throw new Error(`GitHub shows success for ${sha.slice(0, 7)}, but the app answers:\n${answer}`);
  }
  const problems = sandbox.github.problems();
  if (problems.length > 0) {
    throw new Error(`the traffic with GitHub broke its contract:\n${problems.join("\n")}`);
  }
  return check;
}

/** Asks the app through the proxy, by name, as a browser would; `*.localhost` needs no resolver that way. */
async function askApp(appUrl: string): Promise<string> {
  const { port, host } = new URL(appUrl);
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, headers: { host } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      response.on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}
