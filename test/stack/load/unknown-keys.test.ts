import { expect, it } from "vitest";
import { stackObjects } from "../../../src/stack/objects.ts";

function problems(text: string, asCli = false): readonly string[] {
  const files = [{ path: "/tree/stack.yml", text }];
  const result = stackObjects({ name: "s", files, readFile: () => null, variables: {}, asCli });
  return result.ok
    ? []
    : result.problems.map(({ line, key, message }) => `${line} ${key} ${message}`);
}

const SERVICE = "services:\n  web:\n    image: x\n";

it.each([
  ["servises: {}", "1 servises", "services"],
  [`${SERVICE}    enviroment: {}`, "4 services.web.enviroment", "environment"],
  [`${SERVICE}    stopGracePeriod: 1s`, "4 services.web.stopGracePeriod", "stop_grace_period"],
  [`${SERVICE}    deploy: {replica: 2}`, "4 services.web.deploy.replica", "replicas"],
  [
    `${SERVICE}    deploy: {update_config: {paralellism: 2}}`,
    "4 services.web.deploy.update_config.paralellism",
    "parallelism",
  ],
  [`${SERVICE}    ports: [{tagret: 80}]`, "4 services.web.ports[0].tagret", "target"],
  [`${SERVICE}secrets: {s: {externl: true}}`, "4 secrets.s.externl", "external"],
])("asks whether a key close to it was meant: %s", (text, place, meant) => {
  const key = JSON.stringify(place.split(/[ .]/u).at(-1));
  const start = `${place} the key ${key} is not allowed here: `;
  expect(problems(text)).toEqual([`${start}did you mean \`${meant}\`?`]);
  expect(problems(text, true)).toEqual([expect.stringMatching(/see whether it is spelled right/u)]);
});

it("names none that is close to nothing, nor one that the file's version does not know", () => {
  const advice = "see whether it is spelled right, and leave it out if Swarm has no such thing.";
  expect(problems(`${SERVICE}    wibble: 1`)).toEqual([
    `4 services.web.wibble the key "wibble" is not allowed here: ${advice}`,
  ]);
  expect(problems('version: "3.0"\nconfgs: {}\nservices: {}')).toEqual([
    `2 confgs the key "confgs" is not allowed here: ${advice}`,
  ]);
  expect(problems("confgs: {}")).toEqual([expect.stringContaining("did you mean `configs`?")]);
});
