import { convertStack } from "../../../src/stack/convert/convert-stack.ts";
import type { StackModel, StackService } from "../../../src/stack/model.ts";

/** The stack's name in all of these tests. */
export const STACK = "s";

/** A model with nothing but what is given. */
export function modelOf(parts: Partial<StackModel>): StackModel {
  return { services: {}, networks: {}, volumes: {}, secrets: {}, configs: {}, ...parts };
}

/** A model with one service, `a`, of the image `img:1`. */
export function modelWith(service: StackService, parts: Partial<StackModel> = {}): StackModel {
  return modelOf({ ...parts, services: { a: { image: "img:1", ...service } } });
}

/** The objects of a model, as the CLI would make them; fails when it would refuse. */
export function objectsOf(
  model: StackModel,
): Extract<ReturnType<typeof convertStack>, { ok: true }>["objects"] {
  const converted = convertStack(model, { name: STACK, asCli: true });
  if (!converted.ok) {
    throw new Error(converted.problems.map(({ message }) => message).join("\n"));
  }
  return converted.objects;
}

/** Why the CLI would refuse a model. */
export function problemsOf(model: StackModel): readonly string[] {
  const converted = convertStack(model, { name: STACK, asCli: true });
  return converted.ok
    ? []
    : converted.problems.map(({ code, key, message }) => `${code} ${key}: ${message}`);
}

const NAMESPACE = { "com.docker.stack.namespace": STACK };

/** The smallest body that the CLI sends of a service `a`, with what is given in place of its parts. */
export function serviceBody(
  parts: { readonly container?: object; readonly task?: object; readonly spec?: object } = {},
): unknown {
  return {
    Name: "s_a",
    Labels: { ...NAMESPACE, "com.docker.stack.image": "img:1" },
    TaskTemplate: {
      ContainerSpec: {
        Image: "img:1",
        Labels: NAMESPACE,
        Privileges: { CredentialSpec: null, SELinuxContext: null, NoNewPrivileges: false },
        ...parts.container,
      },
      Resources: {},
      Placement: {},
      Networks: [{ Target: "s_default", Aliases: ["a"] }],
      ForceUpdate: 0,
      ...parts.task,
    },
    Mode: { Replicated: {} },
    EndpointSpec: {},
    ...parts.spec,
  };
}
