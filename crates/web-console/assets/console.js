// What changes by itself. Every page works without it; nothing here holds a token.

const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Puts new children in the place of old ones; elements that are equal stay, and with them focus and what is open. */
function morph(old, fresh) {
  const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let at = old.firstElementChild;
  for (const child of [...fresh.children]) {
    const same = child.id ? known.get(child.id) : at && !at.id && at.tagName === child.tagName ? at : null;
    if (!same) {
      old.insertBefore(document.importNode(child, true), at);
      continue;
    }
    if (same !== at) old.insertBefore(same, at);
    update(same, child);
    at = same.nextElementSibling;
  }
  while (at) {
    const next = at.nextElementSibling;
    at.remove();
    at = next;
  }
}

function update(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const kept = old.tagName === "DETAILS" ? ["open"] : [];
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !kept.includes(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value && !kept.includes(name)) old.setAttribute(name, value);
  const isMixed = [...fresh.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (isMixed || !fresh.children.length) old.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  else morph(old, fresh);
}

const parse = (text) => new DOMParser().parseFromString(text, "text/html");

/** This page as it is now. Where the session has ended it leads to the login, and so does the page that is shown. */
async function look() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (answer.redirected) location.reload();
  return answer;
}

/** The list asks for itself again while somebody looks. */
function poll(live) {
  const state = $("#live-state");
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await look();
      if (!answer.ok) throw answer;
      const page = parse(await answer.text());
      for (const id of ["live", "tiles", "count"]) {
        const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
        if (old && fresh) update(old, fresh);
      }
      counted = $("#count").textContent;
      filterRows();
      state.textContent = "";
    } catch {
      state.textContent = "This may be out of date: the list can't be read now.";
    }
  }, live.dataset.poll * 1000);
}

/** A cluster's state as it changes. */
function watch(live) {
  const state = $("#live-state");
  const source = new EventSource(live.dataset.events);
  source.addEventListener("fragment", (event) => {
    morph(live, parse(event.data).body);
    state.textContent = "Updates by itself.";
  });
  source.addEventListener("problem", (event) => (state.textContent = event.data));
  source.addEventListener("end", (event) => {
    if (event.data === "time_limit") return;
    source.close();
    if (["deleted", "removed"].includes(event.data)) state.textContent = "This cluster is not registered any more.";
    else setTimeout(() => watch(live), 30000);
  });
  source.addEventListener("error", () => {
    state.textContent = "Waiting for the connection…";
    // A browser makes a connection anew that broke, and gives one up that was refused, as by 429, or by 401 after the session.
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => watch(live), 30000);
    look().catch(() => {});
  });
  addEventListener("pagehide", () => source.close());
}

/** A removal is looked at until nothing is left. */
function follow(removal) {
  const form = $("form", removal);
  if (!form) return;
  setTimeout(async () => {
    const data = new URLSearchParams(new FormData(form));
    data.set("action", "follow");
    // `form.action` is the button of that name.
    const action = form.getAttribute("action");
    try {
      const answer = await fetch(action, { method: "POST", body: data });
      // The login leads to the cluster's page, which tells what is left.
      if (answer.status === 401) return location.assign(action.replace(/\/remove$/, ""));
      const page = parse(await answer.text());
      const fresh = page.getElementById("removal");
      if (fresh) {
        update(removal, fresh);
        $("h1").textContent = $("h1", page).textContent;
        document.title = page.title;
      } else {
        $("[role=alert]", removal)?.remove();
        removal.prepend(document.importNode($("[role=alert]", page), true));
        // GitLab or the management cluster may be away for a while. Nothing else passes by itself.
        if (![429, 502, 503, 504].includes(answer.status)) return;
      }
    } catch {
      // The network is away: ask again.
    }
    if ("follow" in removal.dataset) follow(removal);
  }, 2500);
}

/** The server's own count. */
let counted = $("#count")?.textContent;

/** Rows that do not match what is typed go at once; the form asks the server. */
function filterRows() {
  const input = $("[data-filter]");
  const rows = all("table.clusters tbody tr");
  const wanted = input.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    shown += !row.hidden;
  }
  $("#count").textContent = input.value === input.defaultValue ? counted : `${shown} of ${rows.length}`;
  const nothing = $("#nothing");
  if (nothing) nothing.hidden = shown > 0;
}

/** The rules' own texts while somebody types: only beside fields that were touched. */
function check(form) {
  const touched = new Set();
  let timer;
  let last = 0;
  const field = (name) => (name.startsWith("c.") ? name.split(".").slice(0, 2).join(".") : name);
  form.addEventListener("input", (event) => {
    if (event.target.name) touched.add(field(event.target.name));
    clearTimeout(timer);
    timer = setTimeout(ask, 600);
  });
  async function ask() {
    const turn = ++last;
    let found;
    try {
      const answer = await fetch("/check", { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok || turn !== last) return;
      found = await answer.json();
    } catch {
      return;
    }
    for (const place of all("[data-error]", form)) {
      const name = place.dataset.error;
      if (!touched.has(name)) continue;
      const notes = found.notes.filter((note) => note.field === name);
      const text = notes.map((note) => note.text).join(" ");
      if (place.textContent !== text) place.textContent = text;
      place.parentElement.classList.toggle("wrong", Boolean(text));
      $(`[aria-describedby~="${place.id}"]`, form)?.setAttribute("aria-invalid", Boolean(text));
    }
    const summary = $("#kubeconfig-summary");
    if (summary) summary.textContent = found.kubeconfig ?? "";
  }
  for (const file of all("[data-file]", form)) {
    file.hidden = false;
    $("input", file).addEventListener("change", async (event) => {
      const [chosen] = event.target.files;
      const area = document.getElementById(file.dataset.file);
      if (!chosen) return;
      area.value = await chosen.text();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

for (const live of all("[data-poll]")) poll(live);
for (const live of all("[data-events]")) watch(live);
for (const removal of all("[data-follow]")) follow(removal);
for (const form of all("[data-check]")) check(form);
for (const button of all("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
}
$("[data-filter]")?.addEventListener("input", filterRows);
// Whoever sends a form twice waits for the first one.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "true";
  addEventListener("pageshow", () => delete event.target.dataset.sent, { once: true });
});
