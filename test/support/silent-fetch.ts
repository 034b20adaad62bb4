/** A fetch that never answers and ends only with its signal; `asked` resolves with the first request. */
export function createSilentFetch(): {
  readonly fetch: typeof fetch;
  readonly asked: Promise<void>;
} {
  const asked = Promise.withResolvers<void>();
  return {
    asked: asked.promise,
    fetch: (_, init) =>
      new Promise((_resolve, reject) => {
        const signal = init?.signal;
        signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
        asked.resolve();
      }),
  };
}
