import type { ReleaseImage, ReleaseService, ReleaseStack } from "../../src/release.ts";

/** A service of shop-production that says nothing but what it runs: by default an image built here. */
export function releaseService(
  key: string,
  image: Partial<ReleaseImage> & Pick<ReleaseImage, "reference">,
): ReleaseService {
  return {
    key,
    spec: {
      Name: `shop-production_${key}`,
      Labels: {},
      TaskTemplate: {
        ContainerSpec: {
          Image: image.reference,
          Labels: {},
          Privileges: { CredentialSpec: null, SELinuxContext: null },
        },
        Resources: {},
        Placement: {},
        ForceUpdate: 0,
      },
      Mode: { Replicated: { Replicas: 1 } },
      EndpointSpec: {},
    },
    image: {
      buildKey: image.reference,
      digest: null,
      imageId: `id of ${image.reference}`,
      platforms: null,
      ...image,
    },
    dependsOn: [],
  };
}

/** A stack of these services and nothing else. */
export function releaseStack(...services: readonly ReleaseService[]): ReleaseStack {
  return {
    services,
    networks: [],
    configs: [],
    secrets: [],
    external: { networks: [], configs: [], secrets: [] },
  };
}
