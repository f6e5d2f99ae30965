// Upload of a file in pieces with progress, dropping a file, and focus on results.
// Pages work without it: the form then sends the file, and links reload.
"use strict";
(() => {
  const form = document.querySelector("form[data-upload]");
  if (form) {
    const file = form.querySelector("input[type=file]");
    const zone = form.querySelector("[data-drop]");
    const refused = form.querySelector("[data-refused]");
    const progress = form.querySelector("[data-progress]");
    const button = form.querySelector("button.first");
    const words = form.dataset;
    for (const each of form.querySelectorAll("[data-scripted]")) each.hidden = false;
    zone.classList.add("ready");

    for (const name of ["dragenter", "dragover"]) {
      zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
    }
    for (const name of ["dragleave", "drop"]) {
      zone.addEventListener(name, () => zone.classList.remove("over"));
    }
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      const chosen = new DataTransfer();
      chosen.items.add(event.dataTransfer.files[0]);
      file.files = chosen.files;
      button.focus();
    });

    function refuse(text) {
      refused.textContent = "";
      const said = document.createElement("p");
      said.className = "error";
      said.id = "file-refused";
      said.textContent = text;
      refused.append(said);
      file.setAttribute("aria-invalid", "true");
      file.setAttribute("aria-describedby", "file-hint file-refused");
      progress.hidden = true;
      button.disabled = false;
      file.focus();
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = file.files[0];
      if (!chosen || button.disabled) return;
      if (chosen.size > Number(words.most)) { refuse(words.tooLarge); return; }
      refused.textContent = "";
      button.disabled = true;
      progress.hidden = false;
      form.querySelector("[data-sent]").textContent = words.sending;
      const bar = progress.querySelector("progress");
      const query = new URLSearchParams({ kind: new FormData(form).get("kind"), name: chosen.name.slice(-300) });
      const request = new XMLHttpRequest();
      request.open("POST", `${words.upload}?${query}`);
      request.setRequestHeader("x-csrf-token", document.querySelector("meta[name=csrf]").content);
      request.setRequestHeader("content-type", "application/octet-stream");
      request.upload.addEventListener("progress", (at) => {
        if (at.lengthComputable) bar.value = (100 * at.loaded) / at.total;
      });
      request.addEventListener("load", () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { answer = {}; }
        if (request.status === 201) location.assign(answer.href);
        else refuse(answer.message || words.noAnswer);
      });
      request.addEventListener("error", () => refuse(words.noAnswer));
      request.send(chosen);
    });
    addEventListener("pageshow", () => { button.disabled = false; progress.hidden = true; });
  }

  // Move the focus to a result that replaces a progress bar.
  document.addEventListener("htmx:afterSwap", (event) => {
    const shown = document.getElementById(event.detail.target.id);
    const result = shown && shown.querySelector("[data-focus]");
    if (result) result.focus();
  });
})();
