// A worker's pages on a poor connection: answers wait in this browser and are sent once.
"use strict";
(() => {
  if (!isSecureContext) return; // neither copies nor random keys; forms work as they are
  const $ = (selector) => document.querySelector(selector);
  const account = $("meta[name=account]").content, words = $("#offline-words").dataset;
  const KEY = "roost-waiting-", MOST = 20, RETRY_MS = 30000;
  let sending = false;

  const read = () => JSON.parse(localStorage.getItem(KEY + account) || "[]");
  const write = (entries) => {
    if (entries.length) localStorage.setItem(KEY + account, JSON.stringify(entries));
    else localStorage.removeItem(KEY + account);
    show();
  };
  // Nothing of another person stays in this browser.
  const removeOthers = () => {
    for (const name of Object.keys(localStorage)) if (name.startsWith(KEY) && name !== KEY + account) localStorage.removeItem(name);
  };

  function show() {
    const entries = read(), bar = $("#waiting");
    bar.hidden = entries.length === 0;
    $("#waiting-count").textContent = entries.length ? words.waiting.replace("{n}", entries.length) : "";
    for (const form of document.querySelectorAll("form[data-answer]")) {
      const waits = entries.find((each) => each.path.startsWith(`/v1/matches/${form.dataset.match}/`));
      form.hidden = Boolean(waits);
      const mark = form.nextElementSibling;
      if (mark && mark.matches("[data-waits]")) mark.hidden = !waits || waits.kind !== form.dataset.answer;
    }
  }
  function say(text) {
    const note = $("#offline-note");
    note.textContent = text;
    note.hidden = !text;
  }

  async function send(entry) {
    const headers = { "content-type": "application/json", "idempotency-key": entry.id, "x-csrf-token": $("meta[name=csrf]").content, prefer: "wait=10", "accept-language": document.documentElement.lang };
    const answer = await fetch(entry.path, { method: "POST", headers, body: JSON.stringify(entry.body), redirect: "manual" });
    if (answer.ok) return "sent";
    if (answer.status === 401 || answer.status === 403) return "signed-out";
    if (answer.status === 429 || answer.status >= 500) return "later";
    const problem = await answer.json().catch(() => ({}));
    return problem.detail || words.refused;
  }

  // The page that a form sent without a script leads to.
  function pageAfter({ path, kind }) {
    const match = path.split("/")[3];
    return kind === "decline" ? `/console/me?undo=${match}&done=declined` : `/console/me/matches/${match}?done=accepted`;
  }

  // Sends what waits, in its order; the key makes a repeated answer one.
  async function sendAll() {
    if (sending) return;
    sending = true;
    let sent = null, refused = false;
    try {
      for (const entry of read()) {
        const outcome = await send(entry);
        if (outcome === "later") break;
        if (outcome === "signed-out") { say(words.signIn); break; }
        write(read().filter((each) => each.id !== entry.id));
        if (outcome === "sent") sent = entry;
        else { refused = true; say(`${entry.title}: ${outcome}`); }
      }
    } catch { show(); } finally { sending = false; }
    if (sent && !read().length && !refused) location.assign(pageAfter(sent));
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-answer]")) return;
    event.preventDefault();
    const { match, answer: kind, title } = form.dataset, body = {};
    const reason = form.elements.reason?.value, text = form.elements.reasonText?.value?.trim();
    if (reason) body.reason = reason;
    if (reason === "other" && text) body.reasonText = text;
    const entry = { id: crypto.randomUUID(), path: `/v1/matches/${match}/${kind}`, kind, title, body };
    write([...read().filter((each) => !each.path.startsWith(`/v1/matches/${match}/`)), entry].slice(-MOST));
    sendAll();
  });

  // A sign-out removes everything that this browser keeps of the person.
  async function forget() {
    for (const name of Object.keys(localStorage)) if (name.startsWith(KEY)) localStorage.removeItem(name);
    for (const name of await caches.keys()) await caches.delete(name);
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[action='/console/sign-out']") || form.dataset.clear) return;
    event.preventDefault();
    if (read().length && !confirm(words.lose)) return;
    form.dataset.clear = "yes";
    forget().finally(() => form.submit());
  });

  const at = Number(document.documentElement.dataset.keptAt);
  if (at) say(words.kept.replace("{at}", new Date(at).toLocaleString(document.documentElement.lang)));
  removeOthers();
  show();
  sendAll();
  addEventListener("online", sendAll);
  setInterval(() => { if (read().length) sendAll(); }, RETRY_MS);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/static/service-worker", { scope: "/console/me" });
})();
