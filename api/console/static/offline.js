// A worker's pages on a poor connection: copies of what was read, removed at a sign-out.
"use strict";
(() => {
  if (!isSecureContext) return; // no copies are kept
  const $ = (selector) => document.querySelector(selector), words = $("#offline-words").dataset;

  // A sign-out removes everything that this browser keeps of the person.
  async function forget() {
    for (const name of await caches.keys()) await caches.delete(name);
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[action='/console/sign-out']") || form.dataset.clear) return;
    event.preventDefault();
    form.dataset.clear = "yes";
    forget().finally(() => form.submit());
  });

  const at = Number(document.documentElement.dataset.keptAt);
  if (at) {
    const note = $("#offline-note");
    note.textContent = words.kept.replace("{at}", new Date(at).toLocaleString(document.documentElement.lang));
    note.hidden = false;
  }
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/static/service-worker", { scope: "/console/me" });
})();
