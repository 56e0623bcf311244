// A long form that is left half filled stands as it was when it is opened again on this device; sent, it is forgotten.
(() => {
  const form = document.querySelector("form[data-autosave]");
  const SENT = "terkirim-simpan";
  if (sessionStorage.getItem(SENT) && document.querySelector("#flash .good")) {
    localStorage.removeItem(`draf:${sessionStorage.getItem(SENT)}`);
    sessionStorage.removeItem(SENT);
  }
  if (!form) return;
  const name = form.dataset.autosave;
  const store = `draf:${name}`;
  const told = form.querySelector("[data-autosaved]");
  const fields = () => [...form.elements].filter((field) => field.name && !["hidden", "file", "submit"].includes(field.type));
  const values = JSON.parse(localStorage.getItem(store) ?? "{}");
  if (!form.querySelector("[aria-invalid]") && !document.querySelector("#flash .notice")) {
    for (const field of fields()) {
      if (!field.value && values[field.name]) {
        field.value = values[field.name];
        field.closest("details")?.setAttribute("open", "");
        told.hidden = false;
      }
    }
  }
  form.addEventListener("input", () => {
    const typed = Object.fromEntries(fields().map((field) => [field.name, field.value]));
    localStorage.setItem(store, JSON.stringify(typed));
    told.hidden = false;
  });
  form.addEventListener("submit", () => sessionStorage.setItem(SENT, name));
})();
