// Small comforts. Every page does its job without them.
(() => {
  const ready = (root) => {
    if (navigator.clipboard) {
      for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
    }
  };

  document.addEventListener("click", async (event) => {
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
