import fc from "fast-check";
import { marked } from "marked";
import { describe, expect, it } from "vitest";
import {
  MARKER,
  renderComment,
  stampComment,
} from "../../../src/checks/conversation/render-comment.ts";
import type { ConversationView } from "../../../src/checks/conversation/view.ts";
import type { Deployment } from "../../../src/deployment.ts";
import type { Answer } from "../../../src/store/conversation.ts";
import {
  answer,
  conversationView,
  environmentRecord,
  environmentView,
  refused,
} from "../../support/conversations.ts";
import { annotations, CREATED_AT, deployment, failure } from "../../support/deployments.ts";

const HOLD = { deploymentId: "dep_14", by: "ana", version: "v1.0.1", since: CREATED_AT };
const ON_PULL_REQUEST = { kind: "comment", pullRequest: 12 } as const;
const before = deployment({
  id: "dep_10",
  number: 10,
  version: "v1.0.1",
  state: "succeeded",
  finishedAt: CREATED_AT - 3_600_000,
});
const running = deployment({ phase: "build", origin: ON_PULL_REQUEST });
const deployed = { kind: "deployment", deploymentId: "dep_12" } as const;

function textOf(view: ConversationView): string {
  return renderComment(view)?.content ?? "";
}

describe("the comment", () => {
  it("begins with its marker, says how things stand, and then what was asked", () => {
    const record = environmentRecord({ activeDeploymentId: "dep_10" });
    const view = conversationView({
      answers: [answer("/deploy production", deployed)],
      deployments: [running],
      environments: [environmentView({ record, active: before, open: [running] })],
    });
    expect(textOf(view).split("\n")).toEqual([
      "<!-- skep: status -->",
      "",
      "| Environment | Runs | Now |",
      "| --- | --- | --- |",
      "| <code>production</code> | [<code>v1\\.0\\.1</code>](https://skep.test/deployments/dep_10) (<code>3f2a1bc</code>) since 5 Jan, 11:03 UTC by <code>ana</code> | [Building 3f2a1bc](https://skep.test/deployments/dep_12) |",
      "",
      "⏳ `/deploy production` by `ana`, 5 Jan, 12:03 UTC  ",
      "[Building 3f2a1bc](https://skep.test/deployments/dep_12)",
    ]);
  });

  it("says of what moment it is true", () => {
    const comment = renderComment(
      conversationView({ answers: [answer("/resume", { kind: "done", message: "Done" })] }),
    );
    if (comment === null) throw new Error("there is something to say");
    expect(stampComment(comment, CREATED_AT)).toBe(
      `${comment.content}\n\n<sub>As of 2026-01-05 12:03 UTC. \`/help\` shows the commands.</sub>`,
    );
  });

  it("is not there for strangers who get no answer", () => {
    const view = conversationView({ answers: [answer("/deploy", { kind: "unanswered" })] });
    expect(renderComment(view)).toBeNull();
  });

  it("shows a hold, by whom, what waits for it and how it ends", () => {
    const waiting = deployment({
      id: "dep_15",
      version: "v1.0.4",
      state: "waiting",
      startedAt: null,
      waitingFor: HOLD,
    });
    const view = conversationView({
      answers: [answer("/status", { kind: "shown", what: "status", environment: null })],
      environments: [
        environmentView({
          record: environmentRecord({ hold: HOLD }),
          active: before,
          open: [waiting],
        }),
      ],
    });
    expect(textOf(view)).toContain(
      "| [v1\\.0\\.4 waits](https://skep.test/deployments/dep_15)<br>**Held** since the rollback to <code>v1\\.0\\.1</code> by <code>ana</code>: <code>/resume production</code> lets pushes and tags deploy again |",
    );
    expect(textOf(view)).toContain("👍 `/status` by `ana`, 5 Jan, 12:03 UTC  \nShown above");
  });

  it("names the app where there are several", () => {
    const view = conversationView({
      answers: [answer("/status", { kind: "shown", what: "status", environment: null })],
      environments: [
        environmentView(),
        environmentView({ record: environmentRecord({ app: "api" }) }),
      ],
    });
    expect(textOf(view)).toContain("| <code>api</code> → <code>production</code> | nothing yet |");
  });

  it("refuses with rule, code, next step and a line to copy", () => {
    const view = conversationView({ answers: [answer("/deploy prod", refused())] });
    expect(textOf(view)).toContain(
      [
        "👎 `/deploy prod` by `ana`, 5 Jan, 12:03 UTC  ",
        "Refused: there is no environment `prod` ([`environment_unknown`](https://github.com/skep-deploy/skep/blob/main/docs/errors.md))",
        "",
        "**Next:** Name one of `production`, `staging`\\.",
        "",
        "```text",
        "/deploy production",
        "```",
      ].join("\n"),
    );
  });

  it("tells of a failure with its cause, the next step and the last lines", () => {
    const failed = { ...running, state: "failed", phase: null, failure: failure() } as const;
    const text = textOf(
      conversationView({ answers: [answer("/deploy", deployed)], deployments: [failed] }),
    );
    expect(text).toContain(
      "[Failed\\: step 4/5 `RUN npm test` exited with code 1](https://skep.test/deployments/dep_12)",
    );
    expect(text).toContain("**Next:** Mend the step and push again\\. ([`build_failed`]");
    expect(text).toContain("```text\nnot ok 1 - adds a badge\n```");
  });

  it("lists the problems of a configuration, each with its place", () => {
    const refusedOne = {
      ...running,
      state: "refused",
      failure: failure({ code: "config_invalid", annotations: annotations(7), evidence: [] }),
    } as const;
    const text = textOf(
      conversationView({ answers: [answer("/deploy", deployed)], deployments: [refusedOne] }),
    );
    expect(text).toContain("- `.github/skep.yml:1` **unknown key** problem 1");
    expect(text).toContain("- and 2 more");
    expect(text).not.toContain("skep.yml:6");
  });

  it("shows all of a failure's lines: the first ones name the cause of a stack trace", () => {
    const evidence = [
      "Error: DATABASE_URL is not set",
      ...Array.from({ length: 19 }, () => "at x"),
    ];
    const failed = { ...running, state: "failed", failure: failure({ evidence }) } as const;
    const text = textOf(
      conversationView({ answers: [answer("/deploy", deployed)], deployments: [failed] }),
    );
    expect(text).toContain("Error: DATABASE_URL is not set");
  });

  it("says what a rollback leaves behind", () => {
    const rollback = {
      ...running,
      kind: "rollback",
      version: "v1.0.1",
      state: "succeeded",
      finishedAt: CREATED_AT + 12_200,
    } as const;
    const told = (hold: typeof HOLD | null): string =>
      textOf(
        conversationView({
          answers: [answer("/rollback", deployed)],
          deployments: [rollback],
          environments: [environmentView({ record: environmentRecord({ hold }) })],
        }),
      );
    const advice = "until somebody comments `/resume production` on a pull request";
    expect(told(null)).toContain("[v1\\.0\\.1 runs in production again after 12\\.0 s]");
    expect(told({ ...HOLD, deploymentId: "dep_12" })).toContain(advice);
    expect(told(null)).not.toContain(advice);
  });

  it("names what took the place of a superseded deployment", () => {
    const newer = deployment({ id: "dep_13", number: 13, version: "v2" });
    const old = { ...running, state: "superseded", supersededBy: "dep_13" } as const;
    const view = conversationView({
      answers: [answer("/deploy", deployed)],
      deployments: [old, newer],
    });
    expect(textOf(view)).toContain("👎 `/deploy` by `ana`");
    expect(textOf(view)).toContain("[Superseded by v2 \\(\\#\u200b13\\)]");
  });
});

describe("what is shown on request", () => {
  const history = [
    deployment({ id: "dep_14", number: 14, kind: "rollback", state: "succeeded", version: "v1" }),
    deployment({ id: "dep_13", number: 13, state: "rolled_back", version: "v3" }),
    deployment({ id: "dep_12", number: 12, state: "succeeded", version: "v2" }),
  ];
  const environments = [
    environmentView({ active: history[0] ?? null, history }),
    environmentView({
      record: environmentRecord({ environment: "staging" }),
      history: [deployment({ id: "dep_20", environment: "staging", version: "s1" })],
    }),
  ];
  const asked = (environment: string | null, commentId = 501) =>
    answer("/history", { kind: "shown", what: "history", environment }, { commentId });

  it("is the history of all environments, or of one, with the way back", () => {
    const all = textOf(conversationView({ answers: [asked(null)], environments }));
    expect(all).toContain("**The last deployments**");
    expect(all).toContain("| <code>staging</code> | <code>s1</code> |");
    const one = textOf(conversationView({ answers: [asked("production")], environments }));
    expect(one).toContain("**The last deployments to `production`**");
    expect(one).not.toContain("<code>s1</code>");
    expect(one).toContain(
      "| [No\\.\u00a014](https://skep.test/deployments/dep_14) | <code>v1</code> | rollback succeeded | <code>ana</code> | 5 Jan, 12:03 UTC |",
    );
    expect(one).toContain("What succeeded can run again: `/rollback production v2`");
  });

  it("is said to be empty where nothing was deployed", () => {
    const text = textOf(conversationView({ answers: [asked("eu")], environments }));
    expect(text).toContain("Nothing has been deployed to `eu` yet.");
  });

  it("is shown once, by the newest command that asks for it", () => {
    const text = textOf(
      conversationView({ answers: [asked(null), asked(null, 502)], environments }),
    );
    expect(text.match(/The last deployments/gu)).toHaveLength(1);
    expect(text).toContain("Shown above");
  });

  it("is every command with what it does", () => {
    const help = answer("/help", { kind: "shown", what: "help", environment: null });
    const text = textOf(conversationView({ answers: [help] }));
    expect(text).toContain("| <code>/help \\[command\\]</code> | Shows the commands |");
    expect(text).toContain("`/rollback production v1.9.0`");
  });

  it("is one command where one is asked about", () => {
    const help = (line: string, commentId: number) =>
      answer(line, { kind: "shown", what: "help", environment: null }, { commentId });
    const one = textOf(conversationView({ answers: [help("/help /Rollback", 1)] }));
    expect(one).toContain("| <code>/rollback \\[app\\]");
    expect(one).not.toContain("<code>/deploy");
    expect(one).toContain("For example `/rollback production v1.9.0`");
    const both = textOf(conversationView({ answers: [help("/help", 1), help("/help deploy", 2)] }));
    expect(both).toContain("<code>/status");
    expect(both).not.toContain("Shown above");
  });
});

describe("many commands", () => {
  const many = Array.from({ length: 30 }, (_, i) =>
    answer(`/cancel ${i}`, { kind: "done", message: `cancelled ${i}` }, { commentId: 600 + i }),
  );

  it("are shown newest first: five in full, fifteen folded away, the rest not", () => {
    const text = textOf(conversationView({ answers: many }));
    const shown = [...text.matchAll(/`\/cancel (\d+)`/gu)].map(([, number]) => Number(number));
    expect(shown).toEqual(Array.from({ length: 20 }, (_, i) => 29 - i));
    expect(text.indexOf("<details><summary>15 earlier commands</summary>")).toBeGreaterThan(
      text.indexOf("/cancel 25"),
    );
  });

  it("are urgent when they are answered or end, not while they go on", () => {
    const urgentOf = (one: Deployment, answers: readonly Answer[]) =>
      renderComment(conversationView({ answers, deployments: [one] }))?.urgent;
    const asked = [answer("/deploy", deployed)];
    const first = urgentOf(running, asked);
    expect(urgentOf({ ...running, phase: "deploy" }, asked)).toBe(first);
    expect(urgentOf({ ...running, state: "succeeded" }, asked)).not.toBe(first);
    expect(urgentOf(running, [...asked, ...many])).not.toBe(first);
  });

  it("fit into a comment, however long everything is", () => {
    const long = "€".repeat(5_000);
    const hostile = failure({ summary: long, nextStep: long, evidence: many.map(() => long) });
    const answers = many.flatMap(({ comment: { commentId } }) => [
      answer(long, refused({ message: long, nextStep: long, suggestion: long }), { commentId }),
      answer(long, deployed, { commentId, line: 2 }),
    ]);
    const failed = deployment({ state: "failed", version: long, failure: hostile });
    const environments = Array.from({ length: 100 }, (_, i) =>
      environmentView({
        record: environmentRecord({ environment: `${i}${long}`, hold: { ...HOLD, by: long } }),
        active: failed,
        open: [failed, failed, failed],
      }),
    );
    const view = conversationView({ answers, deployments: [failed], environments });
    const comment = renderComment(view);
    if (comment === null) throw new Error("there is something to say");
    const body = stampComment(comment, CREATED_AT);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(65_536);
    expect(body.startsWith(MARKER)).toBe(true);
    expect(body).toContain("and 60 more");
  });
});

const ATTACKS = [
  "@octo/team",
  "thanks @ana!",
  "#12",
  "acme/shop#12",
  "GH-12",
  "https://evil.example/",
  "www.evil.example",
  "mail@evil.example",
  "[a](https://evil.example)",
  "![](https://evil.example/p.png)",
  "<img src=x>",
  "<!-- skep: status -->",
  "-->",
  "</details>",
  "</code>",
  "<script>",
  "`",
  "```",
  "|",
  "\\|",
  "\\",
  "\n\n# big\n",
  "\n| a | b |\n| - | - |\n",
  "**",
  "\u202e",
  "\u200b",
  " ",
  "x",
];

/** What GitHub looks for, after Markdown, in text outside of code and links: mentions and references. */
const LIVE = /@[\w-]|(?<!&)#\d|gh-\d/iu;

function liveText(html: string): string | undefined {
  const plain = html
    .replace(/<(pre|code|a)\b[^>]*>.*?<\/\1>/gsu, "")
    .replace(/<!--.*?-->/gsu, "")
    .replace(/<[^>]*>/gu, " ");
  return LIVE.exec(plain)?.[0];
}

const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...ATTACKS), fc.string({ unit: "grapheme", maxLength: 5 })))
  .map((parts) => parts.join(""));

it("never lets a mention, a reference, a link, a tag or a table of somebody else come alive", () => {
  fc.assert(
    fc.property(fc.array(hostileText, { minLength: 8, maxLength: 8 }), (texts) => {
      const [t1 = "", t2 = "", t3 = "", t4 = "", t5 = "", t6 = "", t7 = "", t8 = ""] = texts;
      const failed = deployment({
        state: "failed",
        version: t1,
        actor: t2,
        title: t3,
        failure: failure({ summary: t4, nextStep: t5, evidence: [t6] }),
      });
      const hold = { ...HOLD, by: t7, version: t8 };
      const record = environmentRecord({ environment: t1, hold });
      const html = marked.parse(
        textOf(
          conversationView({
            answers: [
              answer(t1, { kind: "done", message: t2 }, { commentId: 1, actor: t3 }),
              answer(t2, { kind: "done", message: t3 }, { commentId: 2 }),
              answer(t4, refused({ message: t5, nextStep: t6, suggestion: t7 }), { commentId: 3 }),
              answer(t8, deployed, { commentId: 4 }),
              answer("/x", { kind: "shown", what: "history", environment: null }, { commentId: 5 }),
              answer("/y", { kind: "shown", what: "history", environment: t1 }, { commentId: 6 }),
              answer("/z", { kind: "done", message: "end" }, { commentId: 7 }),
            ],
            deployments: [{ ...failed, id: "dep_12" }],
            environments: [
              environmentView({ record, active: failed, open: [failed], history: [failed] }),
            ],
          }),
        ),
        { async: false },
      );
      expect(liveText(html)).toBeUndefined();
      const hrefs = [...html.matchAll(/href="([^"]*)"/gu)].map(([, href]) => href);
      expect(
        hrefs.filter(
          (href) =>
            !/^https:\/\/(skep\.test\/deployments\/|github\.com\/skep-deploy\/)/u.test(href ?? ""),
        ),
      ).toEqual([]);
      const tags = new Set([...html.matchAll(/<\/?([a-z][\w-]*)/giu)].map(([, tag]) => tag));
      const own = ["a", "br", "code", "details", "li", "p", "pre", "strong", "summary", "ul"];
      const table = ["table", "thead", "tbody", "tr", "th", "td"];
      expect([...tags].filter((tag) => ![...own, ...table].includes(tag ?? ""))).toEqual([]);
      // One of the environments and one for each `/history` among the newest five, with the columns they have.
      expect(html.match(/<table>/gu)).toHaveLength(3);
      expect(html.match(/<td>/gu)).toHaveLength(3 + 6 + 5);
      expect(html.match(/<details>/gu)).toHaveLength(1);
      expect(html.match(/<\/details>/gu)).toHaveLength(1);
    }),
    { numRuns: 300 },
  );
});
