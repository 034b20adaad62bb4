/** Addresses of the local GitHub, without a trailing slash. */
export interface Urls {
  /** Pages and git. */
  readonly web: string;
  /** The REST API. */
  readonly api: string;
}

/** The addresses of a server reached at a base address. */
export function createUrls(base: string): Urls {
  return { web: base, api: `${base}/api/v3` };
}
