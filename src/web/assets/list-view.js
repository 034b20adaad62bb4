// Keeps the list of deployments fresh while somebody looks at it. Without it the list is as of when it was loaded.

const REFRESH_MS = 3000;
const main = document.getElementById("main");

async function refresh() {
  if (document.hidden || main.contains(document.activeElement)) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("main");
  if (fresh !== null && fresh.innerHTML !== main.innerHTML)
    main.replaceChildren(...fresh.childNodes);
}

function refreshLater() {
  setTimeout(() => {
    refresh()
      // Skep may be away for a moment; the next attempt comes anyway.
      .catch(() => undefined)
      .finally(refreshLater);
  }, REFRESH_MS);
}

refreshLater();
