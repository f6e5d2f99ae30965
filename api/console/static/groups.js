// Groups of the queue by person: where a changed match belongs, and which groups stay.
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const MOST_IGNORED = 200;
  // The newest rows of people who are not shown: their group may come with a later change.
  const ignored = new Map();

  const isGrouped = () => "byPerson" in $("#board").dataset;
  const rowsOf = (group) => [...group.querySelectorAll(".row")];

  function made(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  // The list for a row of a person; the group comes in if it is not shown yet. None if it does not
  // belong on the page.
  function listFor({ id, group, groupOrder, groupHtml }, item, insert, place) {
    const shown = document.getElementById(group);
    if (shown) return $("ul", shown);
    if (!groupHtml) {
      ignored.set(id, item);
      if (ignored.size > MOST_IGNORED) ignored.delete(ignored.keys().next().value);
      return null;
    }
    const element = made(groupHtml);
    if (!insert(element, groupOrder)) return null;
    htmx.process(element);
    for (const [key, each] of [...ignored]) {
      if (each.group !== group) continue;
      ignored.delete(key);
      place(each);
    }
    return $("ul", element);
  }

  // Put a group where its most urgent row that meets the filters belongs.
  function order(group) {
    if (group.contains(document.activeElement)) return;
    $("ul", group).append(...rowsOf(group).sort((one, other) => (one.dataset.order < other.dataset.order ? -1 : 1)));
    const meeting = rowsOf(group).filter((each) => !each.matches(".off, .past"));
    if (!meeting.length) return;
    const first = meeting.map((each) => each.dataset.order).sort()[0];
    if (first === group.dataset.order) return;
    group.dataset.order = first;
    const next = [...$("#rows").children].find((each) => each !== group && each.dataset.order > first);
    if (!next && $("#more a")) return;
    $("#rows").insertBefore(group, next || null);
  }

  // Remove groups without a row; one without a row that meets the filters leaves with its last.
  function settle(leave) {
    for (const group of document.querySelectorAll("#rows > .group")) {
      const rows = rowsOf(group);
      if (!rows.length) group.remove();
      else if (rows.every((each) => each.matches(".off, .past"))) { if (!group.dataset.leaving) leave(group); }
      else delete group.dataset.leaving;
    }
  }

  // What came live is not appended again with the next page.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target?.id !== "rows") return;
    for (const each of [...event.detail.fragment.querySelectorAll(":scope > li, ul > li")]) {
      if (each.id && document.getElementById(each.id)) each.remove();
    }
  });

  window.RoostGroups = { isGrouped, listFor, order, settle };
})();
