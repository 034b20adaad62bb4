import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VERBS } from "../../../src/command.ts";
import type { AskedFacts } from "../../../src/policy/commands/command-facts.ts";
import { decideCommand } from "../../../src/policy/commands/decide-command.ts";
import { ROLES, type Role } from "../../../src/policy/ports.ts";
import { commandIntent, intentOf, place, ran } from "../../support/command-facts.ts";
import { deployment } from "../../support/deployments.ts";
import { REPOSITORY, sha } from "../../support/records.ts";

const KEY = { repositoryId: REPOSITORY.id, app: "shop", environment: "production" };
const HOLD = { deploymentId: "dep_1", by: "ana", version: "v1", since: 1 };
const TARGET = ran({});

/** Facts on which each verb does what it is asked to do. */
const FACTS: Readonly<Record<(typeof VERBS)[number], AskedFacts>> = {
  deploy: {
    kind: "deploy",
    commit: {
      sha: sha("a"),
      ref: "refs/pull/5/head",
      version: "aaaaaaa",
      title: "Add",
      headOf: 5,
    },
    place: place(),
    problems: [],
    warnings: [],
  },
  rollback: { kind: "rollback", target: TARGET, place: place(), goneImages: [] },
  resume: { kind: "resume", key: KEY, hold: HOLD, waiting: null },
  cancel: { kind: "cancel", environment: "production", newest: deployment({ state: "queued" }) },
  retry: {
    kind: "retry",
    place: place(),
    newest: deployment({ state: "failed" }),
    goneImages: [],
  },
  status: { kind: "shown", what: "status", environment: "production" },
  history: { kind: "shown", what: "history", environment: null },
  help: { kind: "shown", what: "help", environment: null },
};
const ACTING = ["deploy", "rollback", "resume", "cancel", "retry"];
const NO_CHANGE = {
  deployments: [],
  decided: [],
  decidedSha: null,
  decidedVersion: null,
  holds: [],
  released: [],
  cancelled: [],
};

describe("who may say what", () => {
  for (const verb of VERBS) {
    for (const role of ROLES) {
      const rank = ROLES.indexOf(role);
      const may = rank >= ROLES.indexOf(ACTING.includes(verb) ? "write" : "triage");
      it(`/${verb} is ${may ? "open" : "refused"} to ${role}`, () => {
        const facts = { role, wasTurnedAway: false, asked: FACTS[verb] };
        const verdict = decideCommand(commandIntent(`/${verb}`, { actor: "bob" }), facts);
        expect(verdict.outcome.kind).toBe(may ? "accepted" : "refused");
        if (may) return;
        expect(verdict).toMatchObject({
          ...NO_CHANGE,
          outcome: { code: "not_authorized" },
          answer: {
            kind: "refused",
            code: "not_authorized",
            message: expect.stringContaining(`; bob has ${role}`),
            nextStep: expect.stringContaining("Ask somebody with"),
          },
        });
      });
    }
  }

  it("names the rule and the role", () => {
    const facts = { role: "read", wasTurnedAway: false, asked: FACTS.deploy } as const;
    expect(decideCommand(commandIntent("/deploy", { actor: "bob" }), facts)).toMatchObject({
      answer: {
        message: "deploying needs write access; bob has read",
        nextStep: "Ask somebody with write access to this repository.",
      },
    });
  });

  it("is answered once on a pull request, then with a reaction only", () => {
    const facts = { role: "none", wasTurnedAway: true, asked: FACTS.deploy } as const;
    expect(decideCommand(commandIntent("/deploy"), facts)).toMatchObject({
      ...NO_CHANGE,
      outcome: { kind: "refused", code: "not_authorized" },
      answer: { kind: "unanswered" },
    });
  });

  it("never lets somebody below write change anything, whatever they ask on whatever facts", () => {
    const below = fc.constantFrom<Role>("none", "read", "triage");
    const asked = fc.constantFrom(...Object.values(FACTS));
    fc.assert(
      fc.property(below, fc.constantFrom(...VERBS), asked, fc.boolean(), (role, verb, ...rest) => {
        const [facts, wasTurnedAway] = rest;
        // Facts of a reading verb are all that a reading verb is given.
        fc.pre(ACTING.includes(verb) || facts.kind === "shown");
        const command =
          verb === "deploy" ? { verb, words: [], at: null } : ({ verb, words: [] } as const);
        const verdict = decideCommand(intentOf(command), { role, wasTurnedAway, asked: facts });
        expect(verdict).toMatchObject(NO_CHANGE);
      }),
    );
  });

  it("does nothing when nothing was looked up", () => {
    const facts = {
      role: "admin",
      wasTurnedAway: false,
      asked: { kind: "not_looked_up" },
    } as const;
    for (const verb of VERBS) {
      expect(decideCommand(commandIntent(`/${verb}`), facts)).toMatchObject({
        ...NO_CHANGE,
        outcome: { kind: "ignored", code: "internal" },
      });
    }
  });
});

describe("a line that is nearly a command", () => {
  const decide = (role: Role, wasTurnedAway = false) =>
    decideCommand(commandIntent("/deplyo production"), {
      role,
      wasTurnedAway,
      asked: { kind: "not_looked_up" },
    });

  it.each(["triage", "write", "maintain", "admin"] as const)("is answered to %s", (role) => {
    expect(decide(role)).toMatchObject({
      ...NO_CHANGE,
      outcome: { kind: "refused", code: "unknown_command" },
      answer: { kind: "refused", code: "unknown_command", suggestion: "/deploy production" },
    });
  });

  it.each(["none", "read"] as const)("of somebody with %s is left alone", (role) => {
    for (const wasTurnedAway of [false, true]) {
      expect(decide(role, wasTurnedAway)).toMatchObject({
        ...NO_CHANGE,
        outcome: { kind: "ignored", code: "not_authorized" },
        answer: null,
      });
    }
  });
});

describe("what was found not to be there", () => {
  it("is refused with its rule, next step and suggestion", () => {
    const refusal = {
      code: "environment_unknown",
      message: "there is no environment `prod`",
      nextStep: "See.",
      suggestion: "/deploy production",
    } as const;
    const asked = { kind: "refused", refusal } as const;
    const facts = { role: "write", wasTurnedAway: false, asked } as const;
    expect(decideCommand(commandIntent("/deploy prod"), facts)).toEqual({
      ...NO_CHANGE,
      outcome: expect.objectContaining({ kind: "refused", code: "environment_unknown" }),
      answer: { kind: "refused", ...refusal },
    });
  });
});

describe("what is asked to be shown", () => {
  it.each(["status", "history", "help"] as const)("/%s is answered with it", (verb) => {
    const facts = { role: "triage", wasTurnedAway: false, asked: FACTS[verb] } as const;
    expect(decideCommand(commandIntent(`/${verb}`), facts)).toEqual({
      ...NO_CHANGE,
      outcome: expect.objectContaining({ kind: "accepted" }),
      answer: FACTS[verb],
    });
  });
});
