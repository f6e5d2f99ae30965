// Behaviour of every page: messages, menus, dialogs, times. Served as it is, without a build step.
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const MESSAGE_MS = 20000, EDGE = 8;

  function announce(text, urgent = false) {
    const region = $(urgent ? "#urgent" : "#polite");
    region.textContent = "";
    requestAnimationFrame(() => { region.textContent = text; });
  }

  // Remove a message after a while, unless it is in use or reports an error.
  function watchToast(toast) {
    if (toast.dataset.watched) return;
    toast.dataset.watched = "yes";
    if (toast.classList.contains("bad")) return;
    const at = () => toast.matches(":hover") || toast.contains(document.activeElement);
    const wait = () => setTimeout(() => (at() ? wait() : toast.remove()), MESSAGE_MS);
    wait();
  }

  function toast(template) {
    const made = template.content.firstElementChild.cloneNode(true);
    $("#toasts").append(made);
    watchToast(made);
    return made;
  }

  // Remove the buttons of an undo as soon as it can no longer work.
  function watchUndo() {
    for (const button of document.querySelectorAll("[data-undo-ms]:not([data-ends])")) {
      button.dataset.ends = "yes";
      setTimeout(() => removeUndo(button), Number(button.dataset.undoMs));
    }
  }

  function removeUndo(button) {
    if (button.closest("form.only, .toast form")) { button.closest("form").remove(); return; }
    const menu = button.closest("details.menu");
    button.remove();
    if (menu && !$(".menu-items a, .menu-items button", menu)) menu.remove();
  }

  // Keep an open menu inside the window: above its button, or moved sideways, where there is no room.
  function fit(menu) {
    const items = $(".menu-items", menu);
    items.classList.remove("up");
    items.style.removeProperty("translate");
    if (!menu.open) return;
    const button = $("summary", menu).getBoundingClientRect();
    const { height } = items.getBoundingClientRect();
    if (button.bottom + height + EDGE > innerHeight && button.top > innerHeight - button.bottom) items.classList.add("up");
    const { left, right } = items.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const by = right > width - EDGE ? width - EDGE - right : 0;
    if (left + by < EDGE || by) items.style.translate = `${Math.max(by, EDGE - left)}px`;
  }

  function refreshTimes(within = document) {
    const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
    for (const time of within.querySelectorAll("time[data-ago]")) {
      const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
      if (seconds < 60) continue;
      const [size, unit] = seconds < 3600 ? [60, "minute"] : seconds < 86400 ? [3600, "hour"] : [86400, "day"];
      time.textContent = words.format(-Math.floor(seconds / size), unit);
    }
  }

  function closeMenus(but) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== but) menu.open = false;
    }
  }

  function openDialog() {
    const dialog = $("#dialog");
    if (!dialog.open) dialog.showModal();
    ($("[data-first], input:not([type=hidden]), select, textarea, button", dialog) || dialog).focus();
  }

  document.addEventListener("click", (event) => {
    const on = event.target;
    if (!(on instanceof Element)) return;
    if (on.closest("[data-dismiss]")) on.closest(".toast").remove();
    if (on.closest("[data-print]")) print();
    if (on.closest("[data-close]")) { event.preventDefault(); $("#dialog").close(); }
    if (on === $("#dialog")) $("#dialog").close();
    closeMenus(on.closest("details.menu"));
    const opens = on.closest("[data-opens]");
    if (opens) { $("#dialog").replaceChildren($(`#${opens.dataset.opens}`).content.cloneNode(true)); openDialog(); }
  });

  // `/` leads to the search, unless the page uses the key itself or single keys are switched off.
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const types = /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName) || at.isContentEditable || $("#dialog").open;
    const off = localStorage.getItem("roost-shortcuts") === "off" || $("#filters");
    const field = $("[data-find]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || types || off || !field) return;
    event.preventDefault();
    field.focus();
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.target instanceof Element && event.target.closest("details.menu[open]");
    if (!menu) return;
    if (event.key === "Escape") { menu.open = false; $("summary", menu).focus(); event.stopPropagation(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const all = [...menu.querySelectorAll("summary, .menu-items a, .menu-items button")];
      const next = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      (all[next] || all[0]).focus();
      event.preventDefault();
    }
  });

  // A choice may need a time: it is suggested, and required, as soon as the choice is made.
  document.addEventListener("change", (event) => {
    if (event.target.type !== "radio" || !event.target.form) return;
    for (const input of event.target.form.querySelectorAll("[data-suggested-when]")) {
      input.required = event.target.value === input.dataset.suggestedWhen;
      if (input.required && !input.value) input.value = input.dataset.suggested;
      else if (!input.required && input.value === input.dataset.suggested) input.value = "";
    }
  });

  // The reason "other" needs words.
  document.addEventListener("change", (event) => {
    const choice = event.target;
    if (!choice.form || !(choice.type === "radio" || choice.localName === "select")) return;
    for (const input of choice.form.querySelectorAll("[data-required-when]")) {
      if (choice.name === "reason") input.required = choice.value === input.dataset.requiredWhen;
    }
  });

  document.addEventListener("toggle", (event) => {
    if (event.target.matches("details.menu")) fit(event.target);
  }, true);

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["x-csrf-token"] = $("meta[name=csrf]").content;
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, () => { if (!document.documentElement.dataset.keptAt) toast($("#no-answer")); });
  }
  document.addEventListener("htmx:load", (event) => {
    for (const each of document.querySelectorAll("#toasts > .toast")) watchToast(each);
    watchUndo();
    refreshTimes(event.detail.elt.parentElement || document);
  });
  // The number of items that wait, before the title: it is read on the tab of a hidden page.
  const showBadge = (at) => {
    const { badge } = at.dataset, title = document.title.replace(/^\(\d+\) /, "");
    document.title = badge > 0 ? `(${badge}) ${title}` : title;
  };
  document.addEventListener("htmx:afterSwap", (event) => {
    const counted = $("[data-badge]");
    if (counted) showBadge(counted);
    if (event.detail.target?.id === "dialog") openDialog();
  });
  document.addEventListener("closeDialog", () => $("#dialog").close());

  // Parts that collapse on a narrow screen.
  const narrow = matchMedia("(max-width: 40rem)");
  const fold = () => {
    for (const box of document.querySelectorAll("details.box:not([data-chosen])")) box.open = !narrow.matches;
  };
  narrow.addEventListener("change", fold);
  fold();
  setInterval(refreshTimes, 30000);
  watchUndo();
  ($("[data-focus]") || { focus() {} }).focus();
  window.Roost = { announce, toast, openDialog, closeMenus, watchUndo };
})();
