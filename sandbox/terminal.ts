import type { Sandbox } from "./bring-up.ts";
import type { FinishedCheck } from "./follow-commit.ts";
import { toPlainText } from "./plain-text.ts";

/** A finished check for a terminal. */
export function describeCheck(check: FinishedCheck): string {
  const took = (check.tookMs / 1000).toFixed(1);
  return [
    `\n${check.name}: ${check.conclusion} on GitHub ${took} s after the push`,
    check.title,
    "",
    toPlainText(check.summary),
    `\nlog: ${check.detailsUrl}`,
  ].join("\n");
}

/** What a person can do now, as Markdown: the local GitHub's first page shows it, and so does the terminal. */
export function describeNextSteps(sandbox: Sandbox): string {
  const { sample, skep, appUrl, engine } = sandbox;
  return `## The sandbox is up

Skep deployed the first commit of a sample app.

| What | Where |
| --- | --- |
| the app | ${appUrl} |
| its staging, once deployed | ${sandbox.stagingUrl} |
| its repository | ${sample.pageUrl} |
| Skep's deployments | ${skep.url}/deployments |
| your clone | ${sample.folder} |

Try this, with the repository's page open:

\`\`\`sh
cd ${sample.folder}
sed -i 's/Hello from Skep/Hello, world/' ${sample.greetingFile}
git commit -am 'Greet the world' && git push
\`\`\`

Release it: on the repository's page, under *Tags and releases*, make the tag \`v1.0.0\`; change something, push, make \`v1.0.1\`. Then push a branch, to open a pull request from it on the repository's page:

\`\`\`sh
git switch -c moon
sed -i 's/Hello.*"/Hello, moon"/' ${sample.greetingFile}
git commit -am 'Greet the moon' && git push origin moon
\`\`\`

Write commands in the pull request's conversation, each at the start of a line:

\`\`\`
/deploy staging
/rollback production v1.0.0
/resume production
/help
\`\`\`

To see one refused, add somebody who may only read, under *People* on the repository's page, and comment as that account. Back on \`main\` (\`git switch main\`), break something: a RUN that fails in the Dockerfile, a process that exits, a health check that never passes, a typo in .github/skep.yml. The check of the commit says what happened and what to do.

To look into the Swarm:

\`\`\`sh
docker -H unix://${engine.socketPath} service ls
\`\`\`

Ctrl-C in the sandbox's terminal ends everything and leaves nothing behind.
`;
}
