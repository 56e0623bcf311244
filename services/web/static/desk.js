// The operator's desk by keyboard. The keys stand on the page, work only outside of fields, and can be switched off.
(() => {
  const STORE = "pintasan";
  const isOn = () => localStorage.getItem(STORE) !== "mati";
  const tasks = () => [...document.querySelectorAll("[data-task]")];
  const current = () => document.activeElement?.closest("[data-task]");

  const show = () => {
    const panel = document.getElementById("pintasan");
    if (!panel) return;
    panel.hidden = false;
    panel.querySelector("[data-keys]").checked = isOn();
  };

  const step = (by) => {
    const all = tasks();
    const here = all.indexOf(current());
    const next = all[Math.min(all.length - 1, Math.max(0, here < 0 ? 0 : here + by))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    s: () => (current() ?? tasks()[0])?.querySelector("form:not(details form) [type=submit], .button")?.focus(),
    t: () => {
      const refusal = (current() ?? tasks()[0])?.querySelector("details:has(textarea)");
      if (!refusal) return;
      refusal.open = true;
      refusal.querySelector("textarea").focus();
    },
    b: () => document.querySelector('a[href^="/petugas/bantu"]')?.click(),
  };

  document.addEventListener("keydown", (event) => {
    const key = keys[event.key.toLowerCase()];
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (!key || !isOn() || typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    key();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys]")) localStorage.setItem(STORE, event.target.checked ? "nyala" : "mati");
  });

  // After a deed the next thing is in focus, or what is wrong with the form.
  document.addEventListener("htmx:after:swap", () => {
    show();
    const first = document.querySelector('main [role="alert"]') ?? tasks()[0] ?? document.getElementById("isi");
    first?.focus();
    scrollTo({ top: 0 });
    if (first?.matches("[data-task]")) first.scrollIntoView({ block: "nearest" });
  });
  show();
})();
