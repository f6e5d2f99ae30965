// Answers of a worker that could not be sent: kept on this phone, shown, and sent when there is a connection again.
// Only forms with `data-later`. Each is sent once more at most by itself; a refusal is shown, and nothing is lost in silence.
"use strict";
(() => {
  const MOST = 20, KEPT_MS = 3 * 24 * 60 * 60 * 1000, SENT_WITHIN_MS = 15_000, HOME = "/console/me";
  const meta = (page, name) => page.querySelector(`meta[name="${name}"]`)?.content || "";
  const account = meta(document, "account"), place = document.getElementById("later");
  if (!account || !place) return;
  const words = place.dataset, NAME = `roost-later-${account}`;
  let sending = false;

  // Answers of other accounts on this phone are removed, and those that have waited too long.
  function waiting() {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith("roost-later-") && name !== NAME) localStorage.removeItem(name);
    }
    const all = JSON.parse(localStorage.getItem(NAME) || "[]");
    return all.filter((each) => Date.now() - each.at < KEPT_MS);
  }
  function keep(all) {
    if (all.length) localStorage.setItem(NAME, JSON.stringify(all));
    else localStorage.removeItem(NAME);
    show(all);
  }
  function change(id, changes) {
    keep(waiting().flatMap((each) => (each.id !== id ? [each] : changes ? [{ ...each, ...changes }] : [])));
  }

  function show(all) {
    place.hidden = !all.length;
    place.querySelector("ul").replaceChildren(...all.map((each) => {
      const line = document.createElement("li"), said = document.createElement("span"), drop = document.createElement("button");
      const when = new Date(each.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
      said.textContent = `${each.label} · ${when} · ${each.refused ? `${words.refused} ${each.refused}` : words.waits} `;
      drop.type = "button";
      drop.className = "quiet";
      drop.textContent = each.refused ? words.seen : words.cancel;
      drop.setAttribute("aria-label", `${drop.textContent} ${each.label}`);
      drop.addEventListener("click", () => change(each.id, null));
      line.append(said, drop);
      return line;
    }));
  }

  function posted(path, fields) {
    const signal = AbortSignal.timeout(SENT_WITHIN_MS);
    return fetch(path, { method: "POST", body: new URLSearchParams(fields), headers: { accept: "text/html" }, signal });
  }

  // The page of the matches as the server shows it now: it proves who is signed in, and has the token of the session.
  async function token() {
    const answer = await fetch(HOME, { headers: { accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(SENT_WITHIN_MS) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return answer.ok && meta(page, "account") === account ? meta(page, "csrf") : "";
  }

  async function send() {
    if (sending || !waiting().some((each) => !each.refused)) return;
    sending = true;
    let sent = 0;
    try {
      const csrf = await token();
      if (!csrf) return;
      for (const each of waiting().filter((one) => !one.refused)) {
        const answer = await posted(each.path, [...each.fields, ["csrf", csrf]]);
        if (answer.status >= 500 || answer.status === 429) return;
        if (answer.ok) { change(each.id, null); sent += 1; continue; }
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        change(each.id, { refused: page.querySelector("main .bad, main .error, main p")?.textContent.trim() || String(answer.status) });
      }
    } catch { /* still no connection: the answers wait, and the page says so */ } finally {
      sending = false;
      if (sent) { Roost.announce(words.sent.replace("{n}", sent)); location.assign(`${HOME}?done=sent_later`); }
    }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.later || event.defaultPrevented) return;
    event.preventDefault();
    const fields = [...new FormData(form, event.submitter)].filter(([name]) => name !== "csrf"), csrf = form.elements.csrf.value;
    if (event.submitter) event.submitter.disabled = true;
    try {
      if (document.documentElement.dataset.keptAt) throw new TypeError("a kept page");
      const answer = await posted(form.action, [...fields, ["csrf", csrf]]);
      if (answer.redirected) return location.assign(answer.url);
      return form.submit(); // refused: the server's page names the field
    } catch {
      const all = waiting();
      if (all.length >= MOST) { Roost.announce(words.full, true); return; }
      const path = new URL(form.action).pathname;
      keep([...all.filter((each) => each.path !== path || each.fields.some(([name]) => name === "text")),
        { id: crypto.randomUUID(), path, fields, label: form.dataset.later, at: Date.now() }]);
      if (form.elements.text) form.elements.text.value = "";
      place.scrollIntoView({ block: "nearest" });
      Roost.announce(words.kept);
    } finally {
      if (event.submitter) event.submitter.disabled = false;
    }
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[action='/console/sign-out']")) localStorage.removeItem(NAME);
  }, true);

  show(waiting());
  addEventListener("online", send);
  send();
})();
