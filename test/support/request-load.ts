/** Requests that go on without a pause; for finding gaps in what an app serves. */
export interface RequestLoad {
  /** All answers so far, oldest first. */
  readonly answers: readonly SeenAnswer[];
  /** Ends the load; resolves with the different answers, in the order they were first seen. */
  stop(): Promise<readonly string[]>;
}

interface SeenAnswer {
  /** When the request was made, in milliseconds since the epoch. */
  readonly askedAt: number;
  /** `<status> <text>`, or the error. */
  readonly text: string;
}

/** Asks again and again, two requests at a time, until it is stopped. */
export function startLoad(
  ask: () => Promise<{ readonly status: number; readonly text: string }>,
): RequestLoad {
  const answers: SeenAnswer[] = [];
  let isLoaded = true;
  const load = async (): Promise<void> => {
    while (isLoaded) {
      const askedAt = Date.now();
      const answer = await ask().then(
        ({ status, text }) => `${status} ${text.trim()}`,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      answers.push({ askedAt, text: answer });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const loads = [load(), load()];
  return {
    answers,
    async stop() {
      isLoaded = false;
      await Promise.all(loads);
      return [...new Set(answers.map(({ text }) => text))];
    },
  };
}
