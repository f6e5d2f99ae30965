// Fields of places, skills and occupations: suggestions while a person types, and lines added to a list.
// Pages work without it; the server then asks about a place that has several readings.
"use strict";
(() => {
  const WAIT_MS = 150, MOST_ANSWERS = 100, LIMIT = 8;
  const answers = new Map();

  async function suggestions(kind, text) {
    const asked = `/v1/${kind}?limit=${LIMIT}&q=${encodeURIComponent(text)}`;
    if (answers.has(asked)) return answers.get(asked);
    const answer = await fetch(asked, { headers: { accept: "application/json" } });
    if (!answer.ok) return [];
    const names = (await answer.json()).items.map((each) => each.fullName || each.name);
    if (answers.size >= MOST_ANSWERS) answers.delete(answers.keys().next().value);
    answers.set(asked, names);
    return names;
  }

  // Browsers show the options that contain the typed text: pinyin needs a label that does.
  function option(name, text) {
    const made = document.createElement("option");
    made.value = name;
    if (!name.includes(text)) made.label = `${name} (${text})`;
    return made;
  }

  const timers = new WeakMap();
  function complete(input) {
    clearTimeout(timers.get(input));
    const text = input.value.trim();
    if (!text) return;
    timers.set(input, setTimeout(async () => {
      let names = [];
      try { names = await suggestions(input.dataset.completes, text); } catch { return; }
      if (input.value.trim() === text) input.list.replaceChildren(...names.map((name) => option(name, text)));
    }, WAIT_MS));
  }

  function add(adder) {
    const input = adder.querySelector("input");
    const lines = document.getElementById(adder.dataset.addsTo);
    const text = input.value.trim();
    if (!text) return;
    const before = lines.value.split("\n").map((each) => each.trim()).filter(Boolean);
    if (!before.includes(text)) lines.value = [...before, text].join("\n");
    lines.dispatchEvent(new Event("input", { bubbles: true }));
    input.value = "";
    input.focus();
    Roost.announce(text);
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-completes]")) complete(event.target);
  });
  document.addEventListener("keydown", (event) => {
    const adder = event.key === "Enter" && event.target.closest("[data-adds-to]");
    if (!adder || event.isComposing || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    add(adder);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-adds-to] button");
    if (button) add(button.closest("[data-adds-to]"));
  });
  function showAdders() {
    for (const adder of document.querySelectorAll("[data-adds-to]")) adder.hidden = false;
  }
  document.addEventListener("htmx:afterSwap", showAdders);
  showAdders();
})();
