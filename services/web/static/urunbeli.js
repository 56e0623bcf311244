// Small comforts. Every page does its job without them.
(() => {
  const ready = (root) => {
    if (navigator.clipboard) {
      for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
    }
    for (const button of root.querySelectorAll("[data-print][hidden]")) button.hidden = false;
  };

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-print]")) return print();
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.querySelector("span").textContent = button.dataset.done;
  });

  // Seven digits in a row are hard to check; the server reads both forms.
  document.addEventListener("focusout", (event) => {
    if (!event.target.matches("[data-money]")) return;
    const typed = event.target.value.trim();
    if (/^\d+$/.test(typed)) event.target.value = typed.replace(/\B(?=(\d{3})+$)/g, ".");
  });

  document.addEventListener("htmx:after:swap", () => ready(document));
  ready(document);
})();

// A connection that is lost while a form is sent: nothing typed is lost with it.
(() => {
  const TWO_TAPS_MS = 3000;
  const STORE = "isian";
  const DONE = "terkirim";
  const toast = document.getElementById("terputus");
  let unsent = null;
  if (!toast) return;

  const complain = (form, button) => {
    unsent = { form, button };
    toast.hidden = false;
    toast.querySelector("[data-retry]").focus();
  };
  toast.querySelector("[data-close]").addEventListener("click", () => {
    toast.hidden = true;
    unsent?.button?.focus();
  });
  toast.querySelector("[data-retry]").addEventListener("click", () => {
    toast.hidden = true;
    if (unsent?.form.isConnected) unsent.form.requestSubmit(unsent.button);
  });
  document.addEventListener("htmx:error", (event) => {
    const form = event.target.closest?.("form");
    if (form?.method === "post") complain(form, form.querySelector("[type=submit]"));
  });

  const typedInto = (form) =>
    [...form.elements].filter((field) => field.name && !["hidden", "file", "submit"].includes(field.type) && field.name !== "code");
  const state = (field) => (["checkbox", "radio"].includes(field.type) ? field.checked : field.value);

  // First of all listeners: what cannot be sent reaches neither the network nor htmx.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    const stop = () => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    if (!navigator.onLine) {
      stop();
      return complain(form, event.submitter);
    }
    if (form.hasAttribute("hx-post")) return;
    if (Date.now() - (form.dataset.sent ?? 0) < TWO_TAPS_MS) return stop();
    form.dataset.sent = Date.now();
    const place = [...document.forms].indexOf(form);
    const kept = { page: location.href, place, action: form.action, values: typedInto(form).map(state) };
    sessionStorage.setItem(STORE, JSON.stringify(kept));
  }, true);

  const recall = (name) => {
    const kept = JSON.parse(sessionStorage.getItem(name) ?? "null");
    sessionStorage.removeItem(name);
    return kept;
  };
  const refill = (form, values) => {
    typedInto(form).forEach((field, place) => {
      if (["checkbox", "radio"].includes(field.type)) field.checked = values[place];
      else field.value = values[place] ?? field.value;
      field.closest("details")?.setAttribute("open", "");
    });
    complain(form, form.querySelector("[type=submit]"));
  };

  addEventListener("pageshow", (event) => {
    for (const form of document.forms) delete form.dataset.sent;
    const isBack = event.persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    const sent = recall(STORE);
    if (!isBack) {
      const isDone = sent && document.querySelector("#flash .good");
      if (isDone) sessionStorage.setItem(DONE, JSON.stringify({ ...sent, values: [] }));
      return;
    }
    const find = (kept) => {
      const form = kept?.page === location.href ? document.forms[kept.place] : null;
      return form?.action === kept?.action ? form : null;
    };
    // Gone back from the browser's own error page, which came instead of an answer: the words are put back.
    if (find(sent)) return refill(find(sent), sent.values);
    // Gone back after it was done: the browser's memory of the words would have it done twice.
    find(recall(DONE))?.reset();
  });
})();
