// Selection of rows for actions on many matches: checkboxes, all shown, key x, and shift-click.
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const boxes = () => [...document.querySelectorAll("#rows .pick input")];
  let last = null;

  function show() {
    const all = boxes(), picked = all.filter((each) => each.checked).length;
    const text = $("#picked"), pickAll = $("#pick-all");
    text.dataset.hint ||= text.textContent;
    text.textContent = picked ? text.dataset.text.replace("{n}", picked) : text.dataset.hint;
    pickAll.checked = picked > 0 && picked === all.length;
    pickAll.indeterminate = picked > 0 && picked < all.length;
    for (const each of all) each.closest(".row").classList.toggle("picked", each.checked);
  }

  // Select or deselect the rows from the last one that was chosen to this one.
  function range(box) {
    const all = boxes(), from = all.indexOf(last), to = all.indexOf(box);
    if (from < 0 || to < 0) return;
    for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
  }

  function toggle(row) {
    const box = row && $(".pick input", row);
    if (!box) return;
    box.checked = !box.checked;
    last = box;
    show();
  }

  // A row that is replaced stays selected.
  function keep(before, after) {
    const was = $(".pick input", before), is = $(".pick input", after);
    if (!was || !is) return;
    is.checked = was.checked;
    if (last === was) last = is;
  }

  function clear() {
    for (const each of boxes()) each.checked = false;
    show();
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest && event.target.closest("#rows .pick input");
    if (!box) return;
    if (event.shiftKey) range(box);
    last = box;
    box.focus();
    show();
  });
  // The label of a checkbox passes a click on without its shift key in some browsers.
  document.addEventListener("mousedown", (event) => {
    if (event.shiftKey && event.target.closest && event.target.closest("#rows .pick")) event.preventDefault();
  });
  // Enter in a checkbox would press the first button of the form.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.closest && event.target.closest(".pick, [data-pick-all]")) event.preventDefault();
  });
  $("#pick-all").addEventListener("change", (event) => {
    for (const each of boxes()) each.checked = event.target.checked;
    show();
  });
  let kept = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    kept = event.detail.target?.closest?.("#board") ? boxes().filter((each) => each.checked).map((each) => each.value) : [];
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const each of boxes()) if (kept.includes(each.value)) each.checked = true;
    kept = [];
    if (event.detail.target?.id === "dialog" && $("#dialog [data-outcome]")) clear();
    else show();
  });

  $("[data-pick-all]").hidden = false;
  window.RoostSelection = { toggle, keep, show };
  show();
})();
