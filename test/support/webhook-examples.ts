import { createRequire } from "node:module";
import { z } from "zod";

/** One payload that GitHub's community publishes as an example. */
export interface WebhookExample {
  readonly event: string;
  /** `<event> <number>`, counted from 1. */
  readonly title: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const index = z.array(
  z.object({ name: z.string(), examples: z.array(z.record(z.string(), z.unknown())) }),
);

/** All published example payloads, in their order. */
export function webhookExamples(): readonly WebhookExample[] {
  // The package is one JSON file, which `import` would only take with an attribute.
  const require = createRequire(import.meta.url);
  const published: unknown = require("@octokit/webhooks-examples");
  return index
    .parse(published)
    .flatMap(({ name, examples }) =>
      examples.map((payload, at) => ({ event: name, title: `${name} ${at + 1}`, payload })),
    );
}
