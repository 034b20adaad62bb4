// Makes a deployment's page live: new lines and states as they come, filters on the spot, the end kept in sight.
// Without it the page shows the same, as of when it was loaded.

const log = document.getElementById("log");
const lines = log.querySelector(".lines");
const groups = document.getElementById("groups");
const tools = document.getElementById("tools");
const shown = document.getElementById("shown");
const empty = document.getElementById("empty");
const live = document.getElementById("live");
const follow = document.getElementById("follow");

const CHUNK_LINES = 200;
const MAX_LINES = 20_000;
const NEAR_END = 40;
const RETRY_MS = 3000;
const isWhole = log.dataset.whole === "true";
let isLive = log.dataset.live === "true";
let last = Number(log.dataset.after);

// Lines

function appendGroup(group) {
  let details = groups.lastElementChild;
  if (details === null || details.dataset.phase !== group.phase) {
    details = document.getElementById("group-template").content.firstElementChild.cloneNode(true);
    details.dataset.phase = group.phase;
    details.querySelector(".group-name").textContent = group.name;
    groups.append(details);
  }
  const parsed = document.createElement("template");
  parsed.innerHTML = group.html;
  const added = [...parsed.content.children];
  for (const line of added) {
    let chunk = details.lastElementChild;
    if (!chunk.classList.contains("chunk") || chunk.childElementCount >= CHUNK_LINES) {
      chunk.classList.toggle("full", chunk.classList.contains("chunk"));
      chunk = document.createElement("ol");
      chunk.className = "chunk";
      details.append(chunk);
    }
    chunk.append(line);
  }
  const counter = details.querySelector(".count");
  const count = Number.parseInt(counter.textContent.replaceAll(",", "") || "0", 10) + added.length;
  counter.textContent = `${count.toLocaleString("en-US")} ${count === 1 ? "line" : "lines"}`;
}

/** A page that stays open must not grow without end: the oldest lines go, with a link to them. */
function forgetOldest() {
  while (groups.querySelectorAll(".chunk").length * CHUNK_LINES > MAX_LINES) {
    const chunk = groups.querySelector(".chunk");
    const group = chunk.parentElement;
    chunk.remove();
    if (group.querySelector(".chunk") === null) group.remove();
    document.getElementById("forgotten").hidden = false;
  }
}

// Filters

function filterOf(form) {
  const data = new FormData(form);
  const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
  return { words, phase: data.get("phase"), stream: data.get("stream") };
}

function isActive({ words, phase, stream }) {
  return words.length > 0 || phase !== "" || stream !== "";
}

function matches(line, phase, filter) {
  if (filter.phase !== "" && filter.phase !== phase) return false;
  if (filter.stream !== "" && filter.stream !== line.dataset.s) return false;
  if (filter.words.length === 0) return true;
  const [, , source, text] = line.children;
  const content = `${source.textContent} ${text.textContent}`.toLowerCase();
  return filter.words.every((word) => content.includes(word));
}

function applyFilter() {
  const filter = filterOf(tools);
  let visible = 0;
  const ranges = [];
  for (const group of groups.children) {
    let inGroup = 0;
    for (const line of group.querySelectorAll(".l")) {
      line.hidden = !matches(line, group.dataset.phase, filter);
      if (line.hidden) continue;
      inGroup += 1;
      for (const word of filter.words) ranges.push(...occurrences(line.lastElementChild, word));
    }
    group.hidden = inGroup === 0;
    visible += inGroup;
  }
  for (const chunk of groups.querySelectorAll(".chunk"))
    chunk.classList.toggle("full", !isActive(filter) && chunk.childElementCount >= CHUNK_LINES);
  highlight(ranges);
  tell(visible, filter);
}

function occurrences(element, word) {
  const node = element.firstChild;
  const found = [];
  const text = (node?.data ?? "").toLowerCase();
  // Lower case may be longer than the text itself; then places in it mean nothing.
  if (text.length !== node?.length) return found;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
    const range = new Range();
    range.setStart(node, at);
    range.setEnd(node, at + word.length);
    found.push(range);
  }
  return found;
}

function highlight(ranges) {
  if (!("highlights" in CSS)) return;
  if (ranges.length === 0) CSS.highlights.delete("filter");
  else CSS.highlights.set("filter", new Highlight(...ranges.slice(0, 5000)));
}

function tell(visible, filter) {
  const number = (count) => count.toLocaleString("en-US");
  const total = Math.max(last, Number(log.dataset.total));
  shown.value = isActive(filter)
    ? `${number(visible)} of ${number(total)} lines`
    : `${number(total)} ${total === 1 ? "line" : "lines"}`;
  empty.hidden = visible > 0;
  if (visible === 0)
    empty.textContent =
      total > 0 ? "No line matches." : isLive ? "No output yet." : "There is no output.";
}

let isFilterDue = false;
function filterSoon() {
  if (isFilterDue) return;
  isFilterDue = true;
  requestAnimationFrame(() => {
    isFilterDue = false;
    applyFilter();
    toEnd();
  });
}

function rememberFilter() {
  const address = new URL(location.href);
  for (const name of ["q", "phase", "stream"]) {
    const value = new FormData(tools).get(name);
    if (value === "") address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  history.replaceState(null, "", address);
}

// When the page holds only a part of the log, the server filters all of it.
if (isWhole) {
  document.getElementById("apply").hidden = true;
  tools.addEventListener("input", () => {
    rememberFilter();
    filterSoon();
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
} else {
  tools.addEventListener("change", (event) => {
    if (event.target.matches("select")) tools.requestSubmit();
  });
}

// Following

function toEnd() {
  if (isLive && follow.checked) lines.scrollTop = lines.scrollHeight;
}

let top = 0;
lines.addEventListener("scroll", () => {
  const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < NEAR_END;
  if (isAtEnd) follow.checked = true;
  else if (lines.scrollTop < top) follow.checked = false;
  top = lines.scrollTop;
});
follow.addEventListener("change", toEnd);

// A link to a line that this page does not hold leads to the part that does.
function findTarget() {
  const target = /^#L([1-9]\d*)$/.exec(location.hash);
  if (target === null) return;
  follow.checked = false;
  const line = document.getElementById(`L${target[1]}`);
  if (line !== null) line.scrollIntoView({ block: "center" });
  else if (!isWhole && Number(target[1]) <= Number(log.dataset.total))
    location.replace(`?from=${Math.max(1, Number(target[1]) - 100)}${location.hash}`);
}
addEventListener("hashchange", findTarget);

// The clock

const loadedAt = performance.now();
function formatDuration(ms) {
  const seconds = Math.floor(ms / 1000);
  const two = (value) => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} m`;
}
let summaryAt = loadedAt;
function tick() {
  for (const span of document.querySelectorAll("[data-elapsed]"))
    span.textContent = formatDuration(Number(span.dataset.elapsed) + performance.now() - summaryAt);
}

// Events

function onChanged(event) {
  const { title, state, html } = JSON.parse(event.data);
  const summary = document.getElementById("summary");
  const isPlanOpen = summary.querySelector(".plan")?.open ?? false;
  const before = summary.querySelector(".badge")?.textContent;
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  summary.replaceChildren(parsed.content);
  if (isPlanOpen) summary.querySelector(".plan")?.setAttribute("open", "");
  summaryAt = performance.now();
  document.title = title;
  if (state !== before) document.getElementById("announce").textContent = state;
  tick();
}

function onLines(event) {
  if (Number(event.lastEventId) <= last) return;
  last = Number(event.lastEventId);
  const filter = filterOf(tools);
  for (const group of JSON.parse(event.data).groups) appendGroup(group);
  forgetOldest();
  if (isActive(filter)) filterSoon();
  else {
    tell(1, filter);
    toEnd();
  }
}

let source = null;
function connect() {
  if (source !== null || !isLive || document.hidden) return;
  source = new EventSource(`${log.dataset.events}?after=${last}`);
  source.addEventListener("open", () => showLive("Live", false));
  source.addEventListener("changed", onChanged);
  source.addEventListener("lines", onLines);
  source.addEventListener("end", onEnd);
  source.addEventListener("error", () => {
    showLive("Connection lost, trying again", true);
    if (source?.readyState !== EventSource.CLOSED) return;
    disconnect();
    setTimeout(connect, RETRY_MS);
  });
}

function disconnect() {
  source?.close();
  source = null;
}

function onEnd() {
  disconnect();
  toEnd();
  isLive = false;
  live.hidden = true;
  document.getElementById("follow-label").hidden = true;
  tell(groups.querySelectorAll(".l:not([hidden])").length, filterOf(tools));
}

function showLive(text, isLost) {
  live.hidden = false;
  live.classList.toggle("lost", isLost);
  live.lastElementChild.textContent = text;
}

if (isLive) {
  document.getElementById("follow-label").hidden = false;
  // Browsers allow few connections to one server: a page that nobody sees leaves its own to others.
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  setInterval(tick, 1000);
  connect();
}
if (!isWhole && last === Number(log.dataset.total)) lines.scrollTop = lines.scrollHeight;
findTarget();
toEnd();
if (isWhole && isActive(filterOf(tools))) applyFilter();
addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, select, textarea");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  tools.elements.q.focus();
});
