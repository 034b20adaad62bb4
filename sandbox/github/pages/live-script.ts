/** The pages' only script: follows the server's changes, keeps open what is open, writes times in words. */
export const liveScript = `
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
function writeTimes() {
  for (const time of document.querySelectorAll("time")) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
    const [unit, size] = units.find(([, s]) => Math.abs(seconds) >= s) ?? units[3];
    time.textContent = Math.abs(seconds) < 5 ? "now" : words.format(Math.round(seconds / size), unit);
  }
}
let busy = false, again = false;
async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const response = await fetch(location.href, { headers: { accept: "text/html" } });
    const main = document.getElementById("main");
    const next = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("main");
    const focused = document.activeElement?.id;
    for (const details of main.querySelectorAll("details[id]")) {
      const twin = next.querySelector("#" + CSS.escape(details.id));
      if (twin) twin.open = details.open;
    }
    const fields = "select[id], textarea[id], input[id]";
    for (const field of main.querySelectorAll(fields)) {
      const twin = next.querySelector("#" + CSS.escape(field.id));
      if (!twin) continue;
      twin.value = field.value;
      if ("checked" in field) twin.checked = field.checked;
    }
    const { selectionStart, selectionEnd } = document.activeElement ?? {};
    if (main.innerHTML !== next.innerHTML) main.replaceChildren(...next.childNodes);
    const field = focused && document.getElementById(focused);
    if (field) field.focus({ preventScroll: true });
    if (field && typeof selectionStart === "number") field.setSelectionRange(selectionStart, selectionEnd);
    writeTimes();
  } catch {} finally {
    busy = false;
    if (again) { again = false; setTimeout(refresh, 250); }
  }
}
const live = document.getElementById("live");
const source = new EventSource("/_local/events");
source.onopen = () => { live.dataset.on = "yes"; };
source.onerror = () => { delete live.dataset.on; };
source.onmessage = refresh;
writeTimes();
setInterval(writeTimes, 10_000);
`;
