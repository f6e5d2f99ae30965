// Forms that are checked while they are filled in, choices that show what belongs to them, a live
// inbox. Pages work without it: then the server checks what is sent.
"use strict";
(() => {
  // What is wrong with a field is shown once somebody has been at it.
  function place(form, checked) {
    for (const field of form.querySelectorAll("[name]")) {
      if (!field.dataset.touched || field.type === "hidden") continue;
      const said = checked.querySelector(`[data-for="${CSS.escape(field.name)}"]`);
      const around = field.closest(".field");
      if (!around) continue;
      const id = `${field.name}-error`;
      let error = around.querySelector(":scope > .error");
      if (said && !error) {
        error = document.createElement("p");
        error.className = "error";
        error.id = id;
        around.append(error);
      }
      if (error) {
        if (said) error.textContent = said.textContent;
        else error.remove();
      }
      around.classList.toggle("wrong", Boolean(said));
      const described = (field.getAttribute("aria-describedby") || "").split(/\s+/).filter((each) => each && each !== id);
      if (said) described.push(id);
      if (described.length) field.setAttribute("aria-describedby", described.join(" "));
      else field.removeAttribute("aria-describedby");
      if (said) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  document.addEventListener("input", (event) => {
    if (event.target.name && event.target.form) event.target.dataset.touched = "yes";
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.name && event.target.value && event.target.form) event.target.dataset.touched = "yes";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const checked = event.detail.target;
    if (checked.matches("[data-checks]")) place(checked.closest("form"), checked);
  });

  // Parts of a form that belong to one choice only.
  function show(group) {
    const chosen = group.querySelector(`[name="${CSS.escape(group.dataset.shows)}"]`);
    for (const part of group.querySelectorAll("[data-when]")) {
      part.hidden = !part.dataset.when.split(" ").includes(chosen.value);
    }
  }
  function groups() {
    for (const group of document.querySelectorAll("[data-shows]")) {
      show(group);
      group.addEventListener("change", () => show(group));
    }
  }
  groups();

  // An inbox that tells what comes: the list is asked for anew, and the words are read out.
  for (const inbox of document.querySelectorAll("[data-live]")) {
    const source = new EventSource(inbox.dataset.live);
    source.addEventListener("entry", (event) => {
      const entry = JSON.parse(event.data);
      Roost.announce(entry.title, entry.urgent);
      htmx.trigger(inbox, "news");
    });
    source.onopen = () => { inbox.dataset.connected = "yes"; };
    source.onerror = () => { delete inbox.dataset.connected; };
    addEventListener("pagehide", () => source.close());
  }
})();
