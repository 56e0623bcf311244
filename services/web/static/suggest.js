// Words that products are called by, offered while one types.
(() => {
  let asked = 0;
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-suggest]") || event.inputType === "insertReplacementText") return;
    clearTimeout(asked);
    const typed = field.value.trim();
    if (typed.length < 2) return;
    asked = setTimeout(async () => {
      const answer = await fetch(`/api/v1/listings/suggestions?q=${encodeURIComponent(typed.slice(0, 120))}`).catch(() => null);
      if (!answer?.ok || field.value.trim() !== typed) return;
      let list = field.list;
      if (!list) {
        list = document.createElement("datalist");
        list.id = `${field.id}-saran`;
        field.after(list);
        field.setAttribute("list", list.id);
      }
      const { items } = await answer.json();
      list.replaceChildren(...items.map(({ words }) => Object.assign(document.createElement("option"), { value: words })));
    }, 200);
  });
})();
