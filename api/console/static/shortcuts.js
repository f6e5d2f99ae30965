// Keyboard shortcuts for the actions on a match: on the selected row of a queue, or on its own page.
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const KEYS = { c: "claim", l: "contact", r: "refer", i: "interview", p: "place", d: "decline", a: "assign", t: "call" };
  const on = () => localStorage.getItem("roost-shortcuts") !== "off";

  function typing() {
    const element = document.activeElement;
    const types = /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) && !element.closest(".pick");
    return $("#dialog").open || types || element.isContentEditable;
  }

  // `target()` is the element of the match that keys act on, or none; `more` are keys of the page.
  function listen(target, more = {}) {
    function act(kind) {
      const match = target();
      if (!match) { if (!$("#toasts .choose")) window.Roost.toast($("#choose")); return; }
      const head = kind === "call" && match.closest(".group");
      const button = $(`[data-do="${kind}"]`, match) || (head && $(".group-head [data-do=call]", head));
      if (button) button.click();
    }

    function undo() {
      const button = $("#toasts [data-do=undo]");
      if (button) button.click(); else act("undo");
    }

    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing()) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (key !== "?" && !on()) return;
      if (more[key]) more[key]();
      else if (key === "u") undo();
      else if (key === "?") $("[data-opens=help]").click();
      else if (KEYS[key]) act(KEYS[key]);
      else return;
      event.preventDefault();
    });
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-opens=help]")) return;
    const box = $("#shortcuts");
    box.checked = on();
    box.addEventListener("change", () => localStorage.setItem("roost-shortcuts", box.checked ? "on" : "off"));
  });

  window.RoostKeys = { listen };
  if ($("#match")) listen(() => $("#match"));
})();
