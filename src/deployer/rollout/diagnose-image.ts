import { isEngineImage } from "../image-name.ts";
import type { Symptoms, WordRule } from "./diagnose-finding.ts";

const LOG_IN =
  "Give the Swarm a login for the registry that may pull the image, and check the image's name.";
const CHECK_NAME =
  "Check the image's name and tag, and that every node can reach its registry and may pull from it.";
const LOAD =
  "Build or load the image on that node too, or name it in a registry that all nodes may pull from.";
const PLATFORM = "Build the image for the node's platform, or keep the service off such nodes.";

/** Images that a node does not get. */
export const IMAGE_RULES: readonly WordRule[] = [
  {
    code: "no_suitable_node",
    words: /no matching manifest for (\S+)|does not (?:match|provide) the specified platform/iu,
    summary: (match, symptoms) =>
      `image ${imageOf(symptoms)} is not made for the node's platform${match[1] ? ` (${match[1]})` : ""}`,
    nextStep: () => PLATFORM,
  },
  {
    code: "image_not_found",
    // Engine 20.10 says only this, whatever the pull failed of: name, login or network.
    words:
      /no such image: ?(\S+)|pull access denied for (\S+?),|manifest for (\S+) not found|(manifest unknown)|(repository does not exist)/iu,
    summary: (match, symptoms) =>
      `image ${match[1] ?? match[2] ?? match[3] ?? imageOf(symptoms)} was not found`,
    nextStep: (match, symptoms) =>
      isEngineImage(match[1] ?? imageOf(symptoms)) ? LOAD : CHECK_NAME,
  },
  {
    code: "image_not_found",
    words:
      /unauthorized: |authentication required|no basic auth credentials|requested access to the resource is denied/iu,
    summary: (_, symptoms) => `the registry does not let the node pull image ${imageOf(symptoms)}`,
    nextStep: () => LOG_IN,
  },
  {
    code: "image_not_found",
    words: /toomanyrequests|pull rate limit/iu,
    summary: (_, symptoms) =>
      `the registry's pull limit is used up: image ${imageOf(symptoms)} was not pulled`,
    nextStep: () => "Wait and press Retry, or log in to the registry with a higher limit.",
  },
  {
    code: "image_not_found",
    words: /(x509: .*|server gave HTTP response to HTTPS client)/iu,
    summary: (match, symptoms) =>
      `the node does not trust the registry of image ${imageOf(symptoms)}: ${match[1]}`,
    nextStep: () =>
      "Give the node the registry's certificate (/etc/docker/certs.d), or list it under insecure-registries.",
  },
  {
    code: "image_not_found",
    words:
      /https?:\/\/\S+\/v2\/\S*.*?(no such host|connection refused|i\/o timeout|no route to host|network is unreachable|request canceled|deadline exceeded|TLS handshake timeout|EOF)/iu,
    summary: (match, symptoms) =>
      `the node cannot reach the registry of image ${imageOf(symptoms)}: ${match[1]}`,
    nextStep: () =>
      "Check the node's network, DNS and proxy towards the registry, then press Retry.",
  },
];

function imageOf({ service }: Symptoms): string {
  return service.TaskTemplate.ContainerSpec.Image;
}
