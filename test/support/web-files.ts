import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import type { Files } from "./product-app.ts";

/** The first line of a small app's Dockerfile. */
export const FROM = `FROM ${BUSYBOX_IMAGE}\n`;

/** A Dockerfile of a web server on port 8080 that answers `/` with a text. */
export function webDockerfile(answer: string): string {
  const start = 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]';
  return `${FROM}RUN mkdir /www && echo '${answer}' > /www/index.html\n${start}\n`;
}

/** The keys of a service that keep a test short; further lines are put under `service:`. */
export function quickConfig(...lines: readonly string[]): string {
  const quick = ["init: true", "stop_grace_period: 1s", ...lines];
  const hasDeploy = lines.some((line) => line.startsWith("deploy:"));
  const deploy = hasDeploy ? [] : ["deploy: { update_config: { monitor: 500ms } }"];
  const hasBuild = lines.some((line) => /^(?:build|image):/u.test(line));
  const build = hasBuild ? [] : ["build: ."];
  return `service:\n${[...build, ...quick, ...deploy].map((line) => `  ${line}\n`).join("")}`;
}

/** A repository whose app answers with a text. */
export function webFiles(answer: string, ...config: readonly string[]): Files {
  return { Dockerfile: webDockerfile(answer), ".github/skep.yml": quickConfig(...config) };
}
