// What so many of a product cost, while the number is typed. Without this the button beside it asks the server.
(() => {
  const said = document.querySelector("[data-total]");
  const field = document.getElementById("f-jumlah");
  const rupiah = new Intl.NumberFormat(document.documentElement.lang);
  field?.addEventListener("input", () => {
    if (field.validity.valid && field.value) said.textContent = `Rp\u00a0${rupiah.format(field.valueAsNumber * said.dataset.total)}`;
  });
})();
