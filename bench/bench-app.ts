import { BUSYBOX_IMAGE } from "../sandbox/image/base-image.ts";

/** How many tasks the app runs as. */
export const REPLICAS = 2;

const DOCKERFILE = `FROM ${BUSYBOX_IMAGE}
COPY assets /www/assets
COPY index.html /www/
# busybox's web server does not heed SIGTERM as the first process.
STOPSIGNAL SIGKILL
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
`;

const CONFIG = `service:
  build: .
  deploy:
    replicas: ${REPLICAS}
`;

const ASSETS = 20;
const ASSET_BYTES = 8_000;

/** The files of the app's build context: a small web server whose last layer is one page. */
export function contextFiles(page: string): Record<string, string> {
  const files: Record<string, string> = { Dockerfile: DOCKERFILE, "index.html": `${page}\n` };
  for (let index = 0; index < ASSETS; index++)
    files[`assets/${index}.txt`] = `asset ${index}\n`.repeat(ASSET_BYTES / 10);
  return files;
}

/** The files of the app's repository. */
export function repositoryFiles(page: string): Record<string, string> {
  return { ...contextFiles(page), ".github/skep.yml": CONFIG };
}
