/** One environment variable, as the README's table shows it. */
export interface SettingDescription {
  readonly name: string;
  /** Null when there is none. */
  readonly fallback: string | null;
  readonly description: string;
}

/** Every environment variable that Skep reads. */
export const SETTINGS_TABLE: readonly SettingDescription[] = [
  {
    name: "APP_ID",
    fallback: null,
    description: "The GitHub App's id. Without it, Skep serves the page that creates the App.",
  },
  {
    name: "PRIVATE_KEY",
    fallback: null,
    description: "The App's private key (PEM; line ends may be written as `\\n`).",
  },
  {
    name: "PRIVATE_KEY_PATH",
    fallback: null,
    description: "A file that holds the private key, instead of `PRIVATE_KEY`.",
  },
  {
    name: "WEBHOOK_SECRET",
    fallback: null,
    description: "The App's webhook secret. Skep does not start without one.",
  },
  {
    name: "WEBHOOK_SECRET_PATH",
    fallback: null,
    description: "A file that holds the webhook secret, instead of `WEBHOOK_SECRET`.",
  },
  {
    name: "SKEP_URL",
    fallback: "http://localhost:3000",
    description: "Where people and GitHub reach Skep; links in checks start with it.",
  },
  { name: "HOST", fallback: "0.0.0.0", description: "The address to listen on." },
  { name: "PORT", fallback: "3000", description: "The port to listen on." },
  {
    name: "SKEP_DATA",
    fallback: "./data",
    description: "The folder that holds the store, the logs and the repositories' mirrors.",
  },
  {
    name: "SKEP_SERVER_CONFIG",
    fallback: null,
    description:
      "The file that says what the repositories may do (docs/guard.md). Without it, `skep.server.yml` in the data folder, when there is one.",
  },
  {
    name: "DOCKER_HOST",
    fallback: "unix:///var/run/docker.sock",
    description: "The engine of a Swarm manager (`unix://…` or `tcp://…`).",
  },
  {
    name: "SKEP_NETWORK",
    fallback: null,
    description: "An overlay network that services join when they name none: your reverse proxy's.",
  },
  {
    name: "SKEP_REGISTRY",
    fallback: null,
    description:
      "Where built images are pushed, such as `registry.example.com/team`; a Swarm of several nodes needs one.",
  },
  {
    name: "SKEP_REGISTRY_AUTH",
    fallback: null,
    description:
      "A Docker `config.json` with the logins for registries, best a secret under `/run/secrets`; read again when it changes.",
  },
  {
    name: "REDIS_URL",
    fallback: null,
    description: "A Redis for wake-ups. Without it, Skep starts a private one.",
  },
  {
    name: "SKEP_CONCURRENCY",
    fallback: "4",
    description: "How many deployments run at the same time.",
  },
  {
    name: "SKEP_BUILD_TIMEOUT",
    fallback: "900",
    description: "The longest a build may take, in seconds.",
  },
  {
    name: "SKEP_CONTEXT_LIMIT",
    fallback: "512",
    description: "The largest build context, in MiB.",
  },
  {
    name: "SKEP_PENDING_TIMEOUT",
    fallback: "30",
    description: "The longest a task may wait for a node, in seconds.",
  },
  {
    name: "SKEP_ROLLOUT_TIMEOUT",
    fallback: "300",
    description:
      "The longest a roll-out may take beyond its own health checks and delays, in seconds.",
  },
  {
    name: "SKEP_PROVE_SECONDS",
    fallback: "5",
    description:
      "How long new tasks must stay healthy, at the least, before a deployment counts as a success.",
  },
  {
    name: "SKEP_SHUTDOWN_TIMEOUT",
    fallback: "25",
    description:
      "How long running deployments may go on after SIGTERM, in seconds; the next start goes on with the rest.",
  },
  {
    name: "SKEP_LOG_DAYS",
    fallback: "90",
    description: "How long the deployments' logs are kept, in days.",
  },
  {
    name: "SKEP_OPEN_ON_LOOPBACK",
    fallback: "0",
    description: "`1` shows the pages to anyone on this machine, without signing in.",
  },
  { name: "GHE_HOST", fallback: null, description: "Host of a GitHub Enterprise Server." },
  {
    name: "GHE_PROTOCOL",
    fallback: "https",
    description: "Protocol of `GHE_HOST`: `https` or `http`.",
  },
  { name: "LOG_LEVEL", fallback: "info", description: "`debug`, `info`, `warn` or `error`." },
];
