import { checkGuard, type GuardRequest } from "../../src/guard/check-guard.ts";
import { DEFAULT_RULES, type GuardRules } from "../../src/guard/rules.ts";
import type { DraftService, StackDraft } from "../../src/release.ts";

const LABELS = { "com.docker.stack.namespace": "shop" };

/** What a change makes of a service's body; deep parts are merged by hand. */
export interface ServiceChange {
  readonly container?: object;
  readonly task?: object;
  readonly spec?: object;
}

/** A service that asks for nothing. Changes are objects: the guard's matter is what no type foresees. */
export function aDraftService({ container, task, spec }: ServiceChange = {}): DraftService {
  return {
    key: "web",
    dependsOn: [],
    build: null,
    spec: {
      Name: "shop_web",
      Labels: LABELS,
      TaskTemplate: {
        ContainerSpec: {
          Image: "nginx:1.27",
          Labels: LABELS,
          Privileges: { CredentialSpec: null, SELinuxContext: null },
          ...container,
        },
        Resources: {},
        Placement: {},
        Networks: [{ Target: "shop_default", Aliases: ["web"] }],
        ForceUpdate: 0,
        ...task,
      },
      Mode: { Replicated: {} },
      EndpointSpec: {},
      ...spec,
    },
  };
}

/** A stack with one service and its network. */
export function aDraft(change: ServiceChange = {}, rest: Partial<StackDraft> = {}): StackDraft {
  return {
    services: [aDraftService(change)],
    networks: [
      {
        Name: "shop_default",
        Driver: "overlay",
        Labels: LABELS,
        Options: null,
        Internal: false,
        Attachable: false,
        IPAM: null,
      },
    ],
    configs: [],
    secrets: [],
    external: { networks: [], configs: [], secrets: [] },
    ...rest,
  };
}

/** The findings about a draft, by the default rules with changes. */
export function findings(
  draft: StackDraft,
  rules: Partial<GuardRules> = {},
  more: Partial<GuardRequest> = {},
): ReturnType<typeof checkGuard> {
  return checkGuard({
    draft,
    stackName: "shop",
    rules: { ...DEFAULT_RULES, ...rules },
    claimedHosts: new Map(),
    ...more,
  });
}

/** The keys of the findings about a service. */
export function refusedKeys(change: ServiceChange, rules: Partial<GuardRules> = {}): string[] {
  return findings(aDraft(change), rules).map(({ key }) => key);
}
