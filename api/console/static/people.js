// Validation of forms while they are filled in, fields that depend on a choice, a live inbox.
// Pages work without it; the server then validates on submission.
"use strict";
(() => {
  // Show the error of a field once it has been touched.
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

  // Add a value that the text suggests to its field, before the form is validated again.
  function add(choice) {
    const { adds, value } = choice.dataset;
    for (const field of choice.form.querySelectorAll(`[name="${CSS.escape(adds)}"]`)) {
      if (field.type === "checkbox") field.checked ||= field.value === value;
      else if (field.tagName === "TEXTAREA") {
        if (!field.value.split("\n").includes(value)) field.value = [field.value.trimEnd(), value].filter(Boolean).join("\n");
      } else field.value = value;
    }
  }
  document.addEventListener("change", (event) => {
    if (event.target.dataset.adds && event.target.checked) add(event.target);
  }, true);

  // Parts of a form that depend on a choice.
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

  // A saved reply, inserted where the cursor is. Without it the page loads again with the text.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.insertsInto) return;
    event.preventDefault();
    const id = form.elements.reply.value;
    let answer = null;
    try { answer = await fetch(`/v1/saved-replies/${id}`, { headers: { accept: "application/json" } }); } catch { /* offline: the form is sent, and the browser says so */ }
    if (!answer || !answer.ok) return form.submit();
    const field = document.getElementById(form.dataset.insertsInto);
    field.setRangeText((await answer.json()).text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });

  // A live inbox or conversation: reload the list when an entry has come, or may have gone.
  for (const inbox of document.querySelectorAll("[data-live]")) {
    const { follow, showState, checkSignedIn } = window.RoostLive;
    const live = inbox.dataset;
    let last = live.since, end = () => {};
    // The person was erased: nothing of them stays on the page, not even in its title or the form.
    function clear(text) {
      end();
      const said = document.createElement("p");
      said.className = "notice warn";
      said.setAttribute("role", "status");
      said.textContent = document.title = text;
      document.querySelector("main").replaceChildren(said);
    }
    const connect = () => {
      end = follow({
        path: live.live,
        account: live.account,
        of: live.of || "",
        since: last,
        show(state, refused) {
          showState(state);
          if (state === "lost" && refused) checkSignedIn(location.href);
        },
        take(name, data, at) {
          last = at || last;
          if (name === "ready") return;
          if (name === "erased" && live.of && JSON.parse(data).workerId === live.of) return clear(live.erased);
          if (name === "entry") {
            const entry = JSON.parse(data);
            Roost.announce(entry.title, entry.urgent);
          }
          htmx.trigger(inbox, "news");
        },
      });
    };
    connect();
    addEventListener("pagehide", () => end());
    addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  }
})();
