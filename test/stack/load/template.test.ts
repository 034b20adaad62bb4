import { describe, expect, it } from "vitest";
import { substitute, substituteAsCli } from "../../../src/stack/load/template.ts";

const VARIABLES = new Map([
  ["SET", "value"],
  ["EMPTY", ""],
]);
const lookup = (name: string): string | undefined => VARIABLES.get(name);

describe("variables as the CLI fills them in", () => {
  it.each([
    ["$$ $${SET} {{.Node}}", "$ ${SET} {{.Node}}"],
    ["$SET-x ${SET}", "value}"],
    ["a${UNSET}b$UNSET", "ab"],
    ["${EMPTY:-d}${EMPTY-d}${UNSET-d}", "dd"],
    ["${UNSET:-${SET}}", "${SET}"],
    ["${SET:?m}${EMPTY?m}", "value"],
    ["${UNSET:?must-be-set}", "be-set"],
    ["${SET:?must-be-set}", "be-set"],
    ["${UNSET-x:-y}", "y"],
    ["$UNSET:-d e", "d e"],
    ["$5 ${SET}", "5 value"],
  ])("%s becomes %s", (text, result) => {
    expect(substituteAsCli(text, lookup)).toEqual({ ok: true, text: result });
  });

  it.each(["${A:+x}", "${A.B}", "${A }", "${}", "$5", "end$", "${A", "${SET} $5"])(
    "%s is refused",
    (text) => {
      expect(substituteAsCli(text, lookup)).toMatchObject({ ok: false, code: "bad_interpolation" });
    },
  );

  it.each(["${UNSET?m}", "${UNSET:?m}", "${EMPTY:?m}"])("%s wants its variable", (text) => {
    expect(substituteAsCli(text, lookup)).toMatchObject({ ok: false, code: "required_variable" });
  });
});

describe("variables as Skep fills them in", () => {
  it.each([
    ["$$ ${SET} ${UNSET:-d} ${UNSET-x:-y}", "$ value d x:-y"],
    ["${EMPTY}${EMPTY-d}", ""],
  ])("%s becomes %s", (text, result) => {
    expect(substitute(text, lookup)).toEqual({ ok: true, text: result });
  });

  it("wants every variable to be set or to have a default", () => {
    expect(substitute("$UNSET", lookup)).toMatchObject({ ok: false, code: "variable_unset" });
  });

  it("takes a hyphen in a message for a hyphen, and says so", () => {
    const wanted = { ok: true, text: "value", note: { code: "required_message" } };
    expect(substitute("${SET:?must-be-set}", lookup)).toMatchObject(wanted);
    expect(substitute("${UNSET:?must-be-set}", lookup)).toMatchObject({
      ok: false,
      code: "required_variable",
    });
  });

  it("forgets no bad variable over a good one after it", () => {
    expect(substitute("$5 ${SET}", lookup)).toMatchObject({ ok: false, code: "bad_interpolation" });
  });
});
