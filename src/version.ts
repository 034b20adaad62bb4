import packageJson from "../package.json" with { type: "json" };

/** This Skep's version. */
export const VERSION: string = packageJson.version;
