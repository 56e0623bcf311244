// Photos on their way: made smaller where the browser can, so that a slow network carries them, and told while they travel.
// Without this the page sends them as they are.
(() => {
  const LONGEST_SIDE = 1600;
  const SMALL_ENOUGH = 600_000;
  const MIB = 1024 * 1024;

  const smaller = async (file) => {
    if (file.size <= SMALL_ENOUGH) return file;
    try {
      const whole = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST_SIDE / Math.max(whole.width, whole.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(whole.width * scale);
      canvas.height = Math.round(whole.height * scale);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(whole, 0, 0, canvas.width, canvas.height);
      whole.close();
      const body = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
      return body && body.size < file.size ? new File([body], file.name, { type: body.type }) : file;
    } catch {
      return file; // What this browser cannot read, the server may.
    }
  };

  for (const form of document.querySelectorAll("form[data-photos]")) {
    const input = form.querySelector("input[type=file]");
    const said = form.querySelector("[data-progress]");
    const total = () => [...input.files].reduce((sum, file) => sum + file.size, 0);

    let turn = 0;
    let preparing = null;
    const prepare = async (mine) => {
      const made = [];
      for (const file of [...input.files]) made.push(await smaller(file));
      if (mine !== turn) return; // Meanwhile other files were chosen.
      preparing = null;
      try {
        const chosen = new DataTransfer();
        for (const file of made) chosen.items.add(file);
        input.files = chosen.files;
      } catch {
        // This browser does not let files be changed: they go as they are.
      }
      said.textContent = "";
      input.setCustomValidity(total() > form.dataset.mostMib * MIB ? form.dataset.tooMuch : "");
    };
    input.addEventListener("change", () => {
      input.setCustomValidity("");
      said.textContent = input.files.length ? said.dataset.preparing : "";
      preparing = prepare(++turn);
    });
    // Before other listeners of the form: a tap that comes too early is kept, and sent when the photos are ready.
    form.addEventListener(
      "submit",
      async (event) => {
        if (!preparing) {
          said.textContent = said.dataset.sending;
          return;
        }
        event.preventDefault();
        event.stopImmediatePropagation();
        while (preparing) await preparing;
        delete form.dataset.sent; // It is the same tap, not a second one.
        form.requestSubmit(event.submitter);
      },
      { capture: true },
    );
  }
})();
