/** The two kinds of lanes: decisions of a repository, deployments of an app in an environment. */
export type LaneKind = "decision" | "deployment";

/**
 * Carries wake-ups only: "this lane has something to do". A wake-up may be lost or come twice; the store says what
 * there is to do, and a sweep finds what a lost wake-up left.
 */
export interface WakeUps {
  /** Asks that the lane be looked at soon. Resolves when the request is taken. */
  wake(kind: LaneKind, lane: string): Promise<void>;
  /** Starts handing wake-ups to the listeners. */
  listen(listener: (kind: LaneKind, lane: string) => Promise<void>): Promise<void>;
  /** Stops taking wake-ups; resolves when running listeners are done. */
  close(): Promise<void>;
}
