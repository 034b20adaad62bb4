import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { accepted, draftService, notesOf } from "./draft-case.ts";
import { differences } from "./wire.ts";

/** Services as they stand in Compose files, with what `docker stack deploy` (CLI 28.2.2) sent for each. */
const fixture = z
  .object({
    accepted: z.record(
      z.string(),
      z.object({ service: z.string(), sent: z.record(z.string(), z.unknown()) }),
    ),
    refused: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync("test/fixtures/stack-deploy.json", "utf8")));

function draft(service: string): ReturnType<typeof draftService> {
  const text = `service:\n${service}\n`;
  const name = "a";
  return draftService(text, { stackName: "cx-s", defaultNetwork: "own", name });
}

/** The recorded bodies lack what newer commands send of themselves. */
function withoutNewer(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body).replaceAll(/,?"NoNewPrivileges":false/gu, ""));
}

const COMPOSE_FORMS = ["port-long-string", "res-cpus-num", "typ-user-int"];

describe("a lone service as docker stack deploy would send it", () => {
  it.each(Object.entries(fixture.accepted))("%s", (_, { service, sent }) => {
    const { UpdateConfig, RollbackConfig, ...spec } =
      accepted(draft(service)).draft.services[0]?.spec ?? {};
    expect(RollbackConfig?.FailureAction).toBe("pause");
    const whole = "UpdateConfig" in sent ? { ...spec, UpdateConfig } : spec;
    expect(differences(withoutNewer(sent), withoutNewer(whole))).toEqual([]);
  });

  const refused = Object.entries(fixture.refused);

  it.each(refused.filter(([name]) => COMPOSE_FORMS.includes(name)))(
    "is taken in a form of Compose: %s",
    (_, service) => {
      expect(notesOf(draft(service), "compose_form")).toHaveLength(1);
    },
  );

  it.each(refused.filter(([name]) => !COMPOSE_FORMS.includes(name)))(
    "is refused where Docker refuses it: %s",
    (_, service) => {
      expect(draft(service).ok).toBe(false);
    },
  );
});
