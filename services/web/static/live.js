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

  // On a slow network htmx starts before its extension is there and would pass the attribute over. Both are by now, and
  // htmx's own start stands before this in the queue.
  document.addEventListener("DOMContentLoaded", () => setTimeout(() => {
    for (const place of document.querySelectorAll("[data-stream]")) {
      if (!window.htmx) return say(place, false);
      place.setAttribute("hx-sse:connect", place.dataset.stream);
      htmx.process(place);
    }
  }));
})();
