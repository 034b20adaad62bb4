import { html } from "hono/html";
import type { PageContent } from "./page.ts";

/** Asks the operator for the one-time code; `problem` says why the last one did not do. */
export function signInPage(next: string, problem: string | null): PageContent {
  const body = html`<div class="card narrow">
    <h1>Sign in</h1>
    <p class="quiet-text">
      Skep prints a sign-in link when it starts. Open that link, or enter the code at its end. A
      code works once.
    </p>
    ${problem === null ? "" : html`<p class="problem" role="alert">${problem}</p>`}
    <form method="post" action="/login" id="sign-in">
      <input type="hidden" name="next" value="${next}" />
      <label for="code">One-time code</label>
      <input
        id="code"
        name="code"
        class="mono"
        required
        maxlength="200"
        autocomplete="one-time-code"
        spellcheck="false"
      />
      <button type="submit" class="button primary">Sign in</button>
    </form>
  </div>`;
  return { title: "Sign in · Skep", body, script: "sign-in.js", isSignedIn: false };
}
