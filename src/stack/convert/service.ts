import type { StackService } from "../model.ts";
import { convertAttachments } from "./attachments.ts";
import { convertContainer } from "./container.ts";
import { type Conversion, fullName, stackLabels } from "./conversion.ts";
import { convertMode, convertPlacement, convertResources, convertUpdateConfig } from "./deploy.ts";
import { convertEndpoint } from "./endpoint.ts";
import { type Body, filled, nonEmpty, present } from "./go-json.ts";
import { parseImageReference } from "./image-reference.ts";
import { convertRestartPolicy } from "./restart-policy.ts";

/** The label by which `docker stack deploy` tells whether the file's image has changed. */
const IMAGE_LABEL = "com.docker.stack.image";

/** The body that creates one service. */
export function convertService(conversion: Conversion, key: string, service: StackService): Body {
  const deploy = service.deploy ?? {};
  const networks = convertAttachments(conversion, key, service);
  const image = convertImage(conversion, key, service);
  return present({
    Name: fullName(conversion, key, undefined),
    Labels: { ...stackLabels(conversion, deploy.labels), [IMAGE_LABEL]: service.image ?? "" },
    TaskTemplate: {
      ContainerSpec: convertContainer(conversion, { key, service, image }),
      ...present({
        LogDriver: logDriver(service),
        RestartPolicy: convertRestartPolicy(conversion, key, service),
      }),
      Resources: convertResources(deploy),
      Placement: convertPlacement(deploy),
      ...(networks.length > 0 && { Networks: networks }),
      ForceUpdate: 0,
    },
    Mode: convertMode(conversion, key, deploy),
    UpdateConfig: convertUpdateConfig(deploy.updateConfig),
    RollbackConfig: convertUpdateConfig(deploy.rollbackConfig),
    EndpointSpec: convertEndpoint(service),
  });
}

/** Empty for what is to be built: nobody knows its image yet. */
function convertImage(conversion: Conversion, key: string, service: StackService): string {
  const { image = "", build } = service;
  if (build !== undefined) return "";
  const parsed = parseImageReference(image);
  if (parsed.ok) {
    return parsed.familiar;
  }
  conversion.refuse({
    code: image === "" ? "image_missing" : "image_invalid",
    key: `services.${key}.image`,
    message: `invalid image reference for service ${key}: ${parsed.problem}`,
  });
  return image;
}

function logDriver({ logging }: StackService): Body | undefined {
  return logging && nonEmpty({ Name: logging.driver, Options: filled(logging.options) });
}
