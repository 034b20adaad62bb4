import { bindImages, type BoundImage } from "../../src/stack/draft.ts";
import type { ReleaseStack, StackDraft } from "../../src/release.ts";

/** The release of a draft in which each service runs the image that its file names, as it stands there. */
export function bindGiven(draft: StackDraft): ReleaseStack {
  const images = draft.services.map(({ key, spec }): [string, BoundImage] => {
    const runs = spec.TaskTemplate.ContainerSpec.Image;
    const image = { reference: runs, buildKey: null, digest: null, imageId: null, platforms: null };
    return [key, { image, runs }];
  });
  return bindImages(draft, Object.fromEntries(images));
}
