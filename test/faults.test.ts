import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { createFaults, withFaults, type Faults, type FaultPoint } from "../src/faults.ts";

/** Faults that note where they strike instead of ending the process. */
function noted(armed: FaultPoint | null, said: string[]): Faults {
  return {
    isArmed: (_, point) => point === armed,
    strike: (effect, point) => {
      if (point === armed) said.push(`${effect}:${point}`);
    },
  };
}

describe("faults around an effect", () => {
  it.each([
    ["before", ["apply:before", "begun", "over"]],
    ["during", ["begun", "apply:during", "over"]],
    ["after", ["begun", "over", "apply:after"]],
    [null, ["begun", "over"]],
  ] as const)("strike %s it", async (armed, expected) => {
    const said: string[] = [];
    const gate = Promise.withResolvers<void>();
    const moment = (): Promise<void> => Promise.resolve();
    const acting = withFaults(noted(armed, said), "apply", moment, async () => {
      said.push("begun");
      await gate.promise;
      said.push("over");
      return "done";
    });
    await new Promise((resolve) => setImmediate(resolve));
    gate.resolve();
    expect(await acting).toBe("done");
    expect(said).toEqual(expected);
  });

  it("pass on what the effect throws, also when it does so at once", async () => {
    const refuse = (): Promise<never> => Promise.reject(new Error("no"));
    const never = (): Promise<void> => new Promise(() => undefined);
    for (const armed of [null, "during", "after"] as const) {
      await expect(withFaults(noted(armed, []), "apply", never, refuse)).rejects.toThrow("no");
    }
  });
});

describe("SKEP_FAULT", () => {
  it("arms one point of one effect, or none", () => {
    const faults = createFaults("apply:during");
    expect(faults.isArmed("apply", "during")).toBe(true);
    expect(faults.isArmed("apply", "after")).toBe(false);
    expect(faults.isArmed("build", "during")).toBe(false);
    expect(createFaults(undefined).isArmed("apply", "during")).toBe(false);
  });

  it("ends the process as kill -9 does, and only where it is armed", async () => {
    const code =
      'import { createFaults } from "./src/faults.ts"; const faults = createFaults("mark:after");' +
      'faults.strike("mark", "before"); console.log("alive"); faults.strike("mark", "after"); console.log("still");';
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code]);
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await once(child, "close");
    expect(child.signalCode).toBe("SIGKILL");
    expect(said).toBe("alive\n");
  });
});
