import { describe, expect, it } from "vitest";
import { nextEffect, type Situation } from "../../src/checks/next-effect.ts";
import { project } from "../../src/checks/projection.ts";
import {
  fingerprint,
  fingerprintCheckRun,
  withRefusal,
  type Channel,
} from "../../src/checks/sent.ts";
import type { Deployment } from "../../src/deployment.ts";
import type { Report } from "../../src/store/ports.ts";
import { annotations, CREATED_AT, deployment, failure } from "../support/deployments.ts";

const UNSENT: Report = {
  deploymentId: "dep_12",
  checkRunId: null,
  githubDeploymentId: null,
  sent: {},
  aboutTo: [],
  sentVersion: 0,
  seenVersion: 0,
  attempts: 0,
  nextAttemptAt: 0,
  lastError: null,
};

interface Given {
  readonly record?: Partial<Deployment>;
  readonly report?: Partial<Report>;
  readonly now?: number;
  readonly setAside?: readonly Channel[];
}

function situation({ record = {}, report = {}, now, setAside = [] }: Given): Situation {
  const subject = deployment(record);
  return {
    deployment: subject,
    projection: project(subject, { baseUrl: "https://skep.test", active: null, successor: null }),
    report: { ...UNSENT, ...report },
    now: now ?? CREATED_AT + 1_000,
    setAside: new Set(setAside),
  };
}
const next = (given: Given) => nextEffect(situation(given));
function kind(given: Given): string {
  const result = next(given);
  return result.kind === "effect" ? result.effect.kind : result.kind;
}

/** A report after which GitHub shows exactly this record. */
function shows(record: Partial<Deployment>, editedAt = CREATED_AT): Report {
  const { projection, deployment: subject } = situation({ record });
  return {
    ...UNSENT,
    checkRunId: 1,
    githubDeploymentId: 2,
    sent: {
      check_run: fingerprintCheckRun(projection.checkRun),
      annotations: String(projection.checkRun.annotations.length),
      state: subject.state,
      edited_at: String(editedAt),
      status: fingerprint(projection.status),
    },
  };
}

describe("first sight", () => {
  it("makes the check run, the GitHub deployment and its status, in this order", () => {
    expect(kind({})).toBe("create_check_run");
    const seen = { ...shows({}), githubDeploymentId: null };
    expect(kind({ report: seen })).toBe("create_deployment");
    expect(kind({ report: { ...shows({}), sent: { ...shows({}).sent, status: "" } } })).toBe(
      "create_status",
    );
    expect(kind({ report: shows({}) })).toBe("nothing");
  });

  it("waits a moment while queued, in case the deployment is started at once", () => {
    const record = { state: "queued", startedAt: null } as const;
    expect(next({ record, now: CREATED_AT })).toEqual({ kind: "later", at: CREATED_AT + 300 });
    expect(kind({ record, now: CREATED_AT + 300 })).toBe("create_check_run");
    expect(kind({ record, now: CREATED_AT, report: { aboutTo: ["create_check_run"] } })).toBe(
      "create_check_run",
    );
  });

  it("makes no GitHub deployment for one that never started", () => {
    const record = { state: "superseded", startedAt: null } as const;
    expect(kind({ record, report: { ...shows(record), githubDeploymentId: null } })).toBe(
      "nothing",
    );
  });

  it("reports on the GitHub deployment that asked for it and makes none, from the first state to a refusal", () => {
    const asked = { githubDeploymentId: 77 };
    const unmade = { ...shows(asked), githubDeploymentId: null };
    const early = { ...unmade, sent: { ...unmade.sent, status: "" } };
    for (const record of [
      { ...asked, state: "waiting", startedAt: null },
      asked,
      { ...asked, state: "refused", startedAt: null, failure: failure() },
    ] as const) {
      expect(next({ record, report: early })).toMatchObject({
        effect: { kind: "create_status", githubDeploymentId: 77 },
      });
    }
    expect(kind({ record: asked, report: unmade })).toBe("nothing");
  });

  it("looks for a GitHub deployment that may have been made and is not wanted any more", () => {
    const record = { state: "superseded", startedAt: null } as const;
    const report = { ...shows(record), githubDeploymentId: null, aboutTo: ["create_deployment"] };
    expect(kind({ record, report })).toBe("find_deployment");
  });
});

describe("what was begun and may have happened", () => {
  const record = { state: "superseded", startedAt: null } as const;

  const at = String(CREATED_AT + 1_000);
  const begun = {
    begun_create_check_run: at,
    begun_create_deployment: at,
    begun_create_status: at,
  };

  it.each([
    ["create_check_run", {}, { checkRunId: null, aboutTo: ["create_check_run"] }, {}],
    ["create_status", {}, { aboutTo: ["create_status"] }, { status: "" }],
    [
      "find_deployment",
      record,
      { githubDeploymentId: null, aboutTo: ["create_deployment"] },
      { status: "" },
    ],
  ])("is looked for only when GitHub has had its time: %s", (expected, subject, change, lack) => {
    const shown = shows(subject);
    const report = { ...shown, ...change, sent: { ...shown.sent, ...begun, ...lack } };
    const given = { record: subject, report };
    expect(next({ ...given, now: CREATED_AT + 3_999 })).toEqual({
      kind: "later",
      at: CREATED_AT + 4_000,
    });
    expect(kind({ ...given, now: CREATED_AT + 4_000 })).toBe(expected);
  });

  it("does not hold other effects up", () => {
    const sent = { ...shows({}).sent, ...begun };
    const aboutTo = ["create_check_run"];
    const report = { ...UNSENT, sent, aboutTo };
    expect(kind({ report })).toBe("create_deployment");
  });
});

describe("progress", () => {
  const report = shows({ phase: "build" });

  it("is sent once a minute at most", () => {
    const record = { phase: "deploy" } as const;
    expect(next({ record, report, now: CREATED_AT + 59_999 })).toEqual({
      kind: "later",
      at: CREATED_AT + 60_000,
    });
    const due = next({ record, report, now: CREATED_AT + 60_000 });
    expect(due).toMatchObject({ effect: { kind: "update_check_run", id: 1 }, isProgress: true });
  });

  it("is nothing when nothing changed", () => {
    expect(kind({ record: { phase: "build" }, report, now: CREATED_AT + 600_000 })).toBe("nothing");
  });

  it.each(["rolling_back", "succeeded", "failed"] as const)(
    "is not what a change to %s is: that is sent at once, status first",
    (state) => {
      const record = { state, failure: failure(), finishedAt: CREATED_AT };
      expect(next({ record, report })).toMatchObject({ effect: { kind: "create_status" } });
      const status = shows(record).sent["status"] ?? "";
      expect(
        next({ record, report: { ...report, sent: { ...report.sent, status } } }),
      ).toMatchObject({ effect: { kind: "update_check_run" }, isProgress: false });
    },
  );
});

describe("annotations", () => {
  const record = {
    state: "refused",
    startedAt: null,
    failure: failure({ annotations: annotations(120) }),
  } as const;
  const lines = (given: Given): readonly number[] => {
    const result = next(given);
    if (result.kind !== "effect" || !("content" in result.effect)) return [];
    const { content } = result.effect;
    return "annotations" in content ? content.annotations.map(({ line }) => line) : [];
  };
  const sent = (count: number) => ({
    ...shows(record),
    githubDeploymentId: null,
    sent: { ...shows(record).sent, annotations: String(count) },
  });

  it("go out fifty at a time", () => {
    expect(lines({ record })).toEqual(annotations(50).map(({ line }) => line));
    expect(kind({ record, report: sent(50) })).toBe("append_annotations");
    expect(lines({ record, report: sent(50) })[0]).toBe(51);
    expect(lines({ record, report: sent(100) })).toHaveLength(20);
    expect(kind({ record, report: sent(120) })).toBe("nothing");
  });
});

describe("a channel in trouble", () => {
  it("is left alone while the other goes on", () => {
    const record = { state: "succeeded", finishedAt: CREATED_AT } as const;
    const report = shows({});
    expect(kind({ record, report, setAside: ["deployment"] })).toBe("update_check_run");
    expect(kind({ record, report, setAside: ["check_run"] })).toBe("create_status");
    expect(kind({ record, report, setAside: ["check_run", "deployment"] })).toBe("nothing");
    expect(kind({ setAside: ["check_run"] })).toBe("create_deployment");
  });

  it("that GitHub refused is tried again in another state only", () => {
    const refused = withRefusal(
      withRefusal(UNSENT, "check_run", "running"),
      "deployment",
      "running",
    );
    expect(kind({ report: refused })).toBe("nothing");
    expect(kind({ report: refused, record: { state: "failed" } })).toBe("create_check_run");
  });
});
