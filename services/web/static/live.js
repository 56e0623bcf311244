// A page whose figures move says whether they move; where they do not, it offers to be loaded again.
(() => {
  const say = (place, isLive) => {
    const lines = place.querySelectorAll?.(":scope > [data-live]") ?? [];
    for (const line of lines) line.hidden = (line.dataset.live === "on") !== isLive;
  };
  document.addEventListener("htmx:sse:after:connection", (event) => say(event.target, true));
  for (const broken of ["htmx:sse:error", "htmx:response:error", "htmx:error"]) {
    document.addEventListener(broken, (event) => say(event.target, false));
  }

  // The page is shown first: what makes it move comes when all else has, one after the other, for each needs the one before.
  const needs = document.currentScript.dataset.needs.split(" ");
  const fetched = (src) =>
    new Promise((done) => {
      const script = document.createElement("script");
      script.onload = script.onerror = done;
      script.src = src;
      document.head.append(script);
    });
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)));
  addEventListener("load", async () => {
    await painted();
    for (const src of needs) await fetched(src);
    for (const place of document.querySelectorAll("[data-stream]")) {
      if (!window.htmx) {
        say(place, false);
        continue;
      }
      place.setAttribute("hx-sse:connect", place.dataset.stream);
      htmx.process(place);
    }
  });
})();
