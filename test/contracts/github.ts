import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  CheckRunContent,
  DeploymentStatusContent,
  GitHub,
  GitHubDeploymentContent,
} from "../../src/checks/ports.ts";
import type { RepositoryRef } from "../../src/deployment.ts";
import { annotations } from "../support/deployments.ts";

/** How the next request goes wrong. `lost` does what was asked and loses the answer. */
export type Trouble = "bad_gateway" | "rate_limited" | "cut" | "lost";

/** A GitHub with one repository and one commit in it. */
export interface OpenGitHub {
  readonly github: GitHub;
  readonly repository: RepositoryRef;
  readonly sha: string;
  /** Lays trouble out for the next request that creates or updates something. */
  trouble(kind: Trouble): void;
  cleanUp(): Promise<void>;
}

/** What every GitHub behind the port must do. `open` gives a fresh one. */
export function githubContract(name: string, open: () => Promise<OpenGitHub>): void {
  describe(`GitHub: ${name}`, () => {
    let given: OpenGitHub;
    beforeEach(async () => {
      given = await open();
    });
    afterEach(async () => given.cleanUp());

    const check = (overrides: Partial<CheckRunContent> = {}): CheckRunContent => ({
      name: "skep / production",
      sha: given.sha,
      externalId: "dep_1",
      detailsUrl: "https://skep.test/deployments/dep_1",
      status: "in_progress",
      conclusion: null,
      startedAt: "2026-01-05T12:00:00Z",
      completedAt: null,
      title: "Building",
      summary: "summary",
      text: "",
      annotations: [],
      actions: [],
      ...overrides,
    });
    const finished = (overrides: Partial<CheckRunContent> = {}): CheckRunContent =>
      check({
        status: "completed",
        conclusion: "failure",
        completedAt: "2026-01-05T12:01:00Z",
        actions: [{ label: "Retry", description: "Deploy again", identifier: "retry" }],
        ...overrides,
      });
    const deployment = (
      overrides: Partial<GitHubDeploymentContent> = {},
    ): GitHubDeploymentContent => ({
      sha: given.sha,
      environment: "production",
      description: "Add the shop",
      production: true,
      deploymentId: "dep_1",
      ...overrides,
    });
    const status = (
      state: DeploymentStatusContent["state"],
      overrides: Partial<DeploymentStatusContent> = {},
    ): DeploymentStatusContent => ({
      state,
      description: `it is ${state}`,
      logUrl: "https://skep.test/deployments/dep_1",
      environmentUrl: null,
      ...overrides,
    });

    describe("check runs", () => {
      it("are found by commit, name and external id together", async () => {
        const { github, repository } = given;
        const first = await github.createCheckRun(repository, check());
        const second = await github.createCheckRun(repository, check({ externalId: "dep_2" }));
        expect(second).not.toBe(first);
        expect(await github.findCheckRun(repository, check())).toEqual({
          id: first,
          annotations: 0,
        });
        const others = [check({ externalId: "dep_3" }), check({ name: "skep / staging" })];
        for (const other of others) {
          expect(await github.findCheckRun(repository, other)).toBeNull();
        }
      });

      it("gather the annotations of every request", async () => {
        const { github, repository } = given;
        const all = annotations(70);
        const id = await github.createCheckRun(
          repository,
          finished({ annotations: all.slice(0, 50) }),
        );
        await github.updateCheckRun(repository, id, finished({ annotations: all.slice(50) }));
        await github.updateCheckRun(repository, id, finished());
        expect(await github.findCheckRun(repository, check())).toEqual({ id, annotations: 70 });
      });

      it("are taken up to GitHub's limits", async () => {
        const { github, repository } = given;
        const actions = ["a", "b", "c"].map((letter) => ({
          label: letter.repeat(20),
          description: letter.repeat(40),
          identifier: letter.repeat(20),
        }));
        const full = "x".repeat(65_535);
        const id = await github.createCheckRun(repository, check());
        await github.updateCheckRun(
          repository,
          id,
          finished({ summary: full, text: full, actions }),
        );
      });

      it.each<[string, Partial<CheckRunContent>]>([
        ["51 annotations", { annotations: annotations(51) }],
        ["a summary of 65,536 characters", { summary: "x".repeat(65_536) }],
      ])("are refused for good beyond them: %s", async (_, overrides) => {
        const made = given.github.createCheckRun(given.repository, finished(overrides));
        await expect(made).rejects.toMatchObject({ code: "github_unavailable", retryable: false });
      });

      it("that do not exist cannot be updated", async () => {
        const update = given.github.updateCheckRun(given.repository, 987_654, check());
        await expect(update).rejects.toMatchObject({ retryable: false, details: { status: 404 } });
      });
    });

    describe("deployments", () => {
      it("are found by the id in their payload", async () => {
        const { github, repository } = given;
        const first = await github.createDeployment(repository, deployment());
        const second = await github.createDeployment(
          repository,
          deployment({ deploymentId: "dep_2" }),
        );
        expect(await github.findDeployment(repository, deployment())).toBe(first);
        expect(await github.findDeployment(repository, deployment({ deploymentId: "dep_2" }))).toBe(
          second,
        );
        const elsewhere = deployment({ environment: "staging" });
        expect(await github.findDeployment(repository, elsewhere)).toBeNull();
        expect(
          await github.findDeployment(repository, deployment({ deploymentId: "dep_3" })),
        ).toBeNull();
      });

      it("do not wait for Skep's own pending check", async () => {
        const { github, repository } = given;
        await github.createCheckRun(repository, check());
        expect(await github.createDeployment(repository, deployment())).toBeGreaterThan(0);
      });

      it("tell their newest status", async () => {
        const { github, repository } = given;
        const id = await github.createDeployment(repository, deployment());
        expect(await github.latestDeploymentStatus(repository, id)).toBeNull();
        for (const state of ["queued", "in_progress", "success"] as const) {
          await github.createDeploymentStatus(repository, id, status(state));
          expect(await github.latestDeploymentStatus(repository, id)).toEqual({
            state,
            description: `it is ${state}`,
          });
        }
      });

      it.each(["production", "staging"])(
        "of %s keep their status when another one succeeds",
        async (environment) => {
          const { github, repository } = given;
          const wanted = { environment, production: environment === "production" };
          const old = await github.createDeployment(repository, deployment(wanted));
          await github.createDeploymentStatus(repository, old, status("success"));
          const made = await github.createDeployment(
            repository,
            deployment({ ...wanted, deploymentId: "dep_2" }),
          );
          const url = "https://shop.test/";
          await github.createDeploymentStatus(
            repository,
            made,
            status("success", { environmentUrl: url }),
          );
          expect(await github.latestDeploymentStatus(repository, old)).toMatchObject({
            state: "success",
          });
        },
      );
    });

    describe("trouble", () => {
      it("with a repository that is not there is for good", async () => {
        const nowhere = { ...given.repository, name: "nowhere" };
        await expect(given.github.createDeployment(nowhere, deployment())).rejects.toMatchObject({
          code: "github_unavailable",
          retryable: false,
          details: { status: 404 },
        });
      });

      it.each<[Trouble, object]>([
        ["bad_gateway", { status: 502 }],
        ["rate_limited", { status: 403, retryAfterMs: 30_000 }],
        ["cut", {}],
      ])("%s does nothing and may be tried again", async (kind, details) => {
        const { github, repository } = given;
        given.trouble(kind);
        await expect(github.createCheckRun(repository, check())).rejects.toMatchObject({
          code: "github_unavailable",
          retryable: true,
          details,
        });
        expect(await github.findCheckRun(repository, check())).toBeNull();
        await github.createCheckRun(repository, check());
      });

      it("may lose the answer of what was done: it is found afterwards", async () => {
        const { github, repository } = given;
        given.trouble("lost");
        await expect(github.createDeployment(repository, deployment())).rejects.toMatchObject({
          retryable: true,
        });
        expect(await github.findDeployment(repository, deployment())).toBeGreaterThan(0);
      });
    });
  });
}
