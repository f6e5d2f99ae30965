// The live queue: what changes is put in place, and everything can be done from the keyboard.
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const PAST_MS = 30000, COUNT_MS = 1200, REFRESH_MS = 3000, DUE_MS = 60000;
  const { announce, toast } = window.Roost;
  const { follow, showState, checkSignedIn } = window.RoostLive;
  const groups = window.RoostGroups, selection = window.RoostSelection;
  let end = null, last = "", lost = false, counting = 0, refreshing = 0;

  // ---- live

  function connect() {
    if (end) end();
    const board = $("#board");
    end = follow({
      path: "/console/queue/events",
      account: board.dataset.account,
      of: board.dataset.query,
      since: last || board.dataset.since,
      take,
      show,
    });
  }

  function show(state, refused) {
    showState(state === "live" && lost ? "lost" : state);
    if (state !== "lost") return;
    if (!lost) announce($("#live [data-when=lost]").textContent, true);
    lost = true;
    if (refused) checkSignedIn($("#counts").dataset.href);
  }

  function take(name, data, at) {
    last = at || last;
    const content = JSON.parse(data);
    for (const each of content.gone || []) remove(each);
    if (name === "reload") reload(content);
    else put(content.rows || [], content.gone || []);
    if (name === "caught-up") caughtUp(content);
  }

  function caughtUp({ count }) {
    showState("live");
    if (!lost) return;
    lost = false;
    const made = toast($("#back"));
    for (const text of made.querySelectorAll("[data-n]")) {
      text.hidden = text.dataset.n !== (count > 1 ? "n" : String(count));
      text.textContent = text.textContent.replace("{n}", count);
    }
  }

  function put(rows, gone) {
    if (!rows.length && !gone.length) return;
    const news = rows.filter(place);
    if (groups) groups.settle(leave);
    if (news.length === 1) {
      const row = document.getElementById(news[0].id);
      announce($("#new-row").content.textContent.replace("{what}", `${$(".who", row).innerText}, ${$(".what", row).innerText}`));
    }
    recount();
  }

  // Many changes: offer the list anew. Missed changes may have been erasures, which must not stay.
  function reload({ missed }) {
    $("#anew").hidden = false;
    recount();
    if (missed && !refreshing) refreshing = setTimeout(refresh, Math.random() * REFRESH_MS);
  }

  function refresh() {
    refreshing = 0;
    if ($("#dialog").open) $("#dialog").close();
    $("#toasts").replaceChildren();
    htmx.ajax("GET", `/console/queue?${$("#board").dataset.query}`, { target: "#board", swap: "outerHTML" }).catch(() => {});
  }

  // Remove a match that another station has now, or the matches of an erased person, with the
  // dialogs and messages about them.
  function remove({ row: id, worker, revision }) {
    const all = id ? [document.getElementById(id)] : [...document.querySelectorAll(`#rows > [data-worker="${CSS.escape(worker)}"]`)];
    for (const row of all) {
      if (row && !(revision && Number(row.dataset.revision) > revision)) row.remove();
    }
    const names = (match) => (id ? match.replaceAll(".", "_") === id : match.endsWith(`.${worker.replace("w-", "")}`));
    const about = (element) => [...element.querySelectorAll("[action]")].some((form) => names(form.getAttribute("action").split("/")[3] || ""))
      || (worker && [...element.querySelectorAll("[name=match]")].some((field) => names(field.value)));
    if (about($("#dialog"))) { $("#dialog").close(); $("#dialog").replaceChildren(); }
    for (const each of document.querySelectorAll("#toasts > *")) if (about(each)) each.remove();
    if (groups) groups.settle(leave);
    $("#empty").hidden = Boolean($("#rows .row"));
  }

  // Put a row in; say whether it is new on the page.
  function place(item) {
    const { id, revision, order, past, html } = item;
    const standing = document.getElementById(id);
    if (standing && Number(standing.dataset.revision) >= revision) return false;
    if (!standing && past) return false;
    const made = document.createElement("template");
    made.innerHTML = html;
    const row = made.content.querySelector("li");
    if (standing) {
      // A dialog that is open about it, or a menu, is not to be torn away: the row comes after.
      const kept = standing.contains(document.activeElement) ? document.activeElement.dataset.do : null;
      const inside = standing.contains(document.activeElement);
      if (selection) selection.keep(standing, row);
      standing.replaceWith(row);
      if (id === current) mark(row);
      if (inside) ($(kept ? `[data-do="${kept}"]` : ".row-link", row) || $(".row-link", row)).focus();
    } else {
      const list = item.group ? groups.listFor(item, item, (each, at) => insert($("#rows"), each, at), place) : $("#rows");
      if (!list) return false;
      if (!document.getElementById(id) && !insert(list, row, order)) return false;
      document.getElementById(id).classList.add("new");
    }
    htmx.process(document.getElementById(id));
    if (item.group) groups.order(document.getElementById(id).closest(".group"));
    if (selection) selection.show();
    window.Roost.watchUndo();
    if (past) leave(document.getElementById(id));
    $("#empty").hidden = true;
    return !standing;
  }

  // Insert a row where it belongs; say whether that is among the rows shown.
  function insert(list, row, order) {
    const after = [...list.children].find((each) => each.dataset.order > order);
    // What sorts behind the last row that is shown comes with "more".
    if (!after && list.id === "rows" && $("#more a")) return false;
    list.insertBefore(row, after || null);
    return true;
  }

  // What has left the queue stays for a moment, with its undo.
  function leave(row) {
    row.dataset.leaving = "yes";
    setTimeout(() => {
      if (!row.isConnected || !row.dataset.leaving) return;
      if (row.contains(document.activeElement)) { leave(row); return; }
      row.remove();
      if (groups) groups.settle(leave);
    }, PAST_MS);
  }

  function recount() {
    clearTimeout(counting);
    counting = setTimeout(() => {
      if (!lost) htmx.ajax("GET", $("#counts").dataset.href, { target: "#counts", swap: "outerHTML" }).catch(() => {});
    }, COUNT_MS);
  }

  // ---- keyboard

  const rows = () => [...document.querySelectorAll("#rows .row")];
  const at = () => document.activeElement.closest && document.activeElement.closest("#rows .row");
  let current = null;

  // The row that has the focus, or had it last and is still marked.
  const selected = () => at() || document.getElementById(current);

  function mark(row) {
    current = row.id;
    for (const each of rows()) each.classList.toggle("current", each === row);
  }

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const here = all.indexOf(selected());
    const next = all[Math.min(all.length - 1, Math.max(0, here + step))];
    $(".row-link", next).focus();
    next.scrollIntoView({ block: "nearest" });
  }

  // Act on the selected row; ask for one if there is none.
  function chosen(act) {
    const row = selected();
    if (row) act(row);
    else if (!$("#toasts .choose")) toast($("#choose"));
  }

  window.RoostKeys.listen(selected, {
    j: () => move(1),
    k: () => move(-1),
    x: () => chosen((row) => selection && selection.toggle(row)),
    g: () => chosen((row) => { const log = $(".group-head [data-do=log]", row.closest(".group") || row); if (log) log.click(); }),
    "/": () => { $("details.box").open = true; $("[data-first-filter]").focus(); },
  });

  for (const kind of ["focusin", "click"]) {
    document.addEventListener(kind, (event) => {
      const row = event.target.closest && event.target.closest("#rows .row");
      if (row) mark(row);
    });
  }

  // Whoever worked on a row is on it still when it is replaced, and when a dialog about it closes.
  function backToRow() {
    const lostFocus = document.activeElement === document.body || !document.activeElement.isConnected;
    const row = document.getElementById(current);
    if (lostFocus && row && !$("#dialog").open) $(".row-link", row).focus();
  }
  document.addEventListener("htmx:afterSettle", () => {
    for (const row of document.querySelectorAll("#rows .row.past:not([data-leaving])")) leave(row);
    if (document.getElementById(current)) mark(document.getElementById(current));
    backToRow();
  });
  $("#dialog").addEventListener("close", backToRow);

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "board") { last = ""; connect(); }
  });
  addEventListener("pagehide", () => end && end());
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  // Matches become overdue without an event.
  setInterval(() => { if (!document.hidden) recount(); }, DUE_MS);
  connect();
})();
