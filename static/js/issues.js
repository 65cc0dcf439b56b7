// Keeps the states of issues on a page up to date. A session's page with a stream of
// its own hears of them there (live.js); every other page opens one while it is seen.
(() => {
  const own = document.getElementById("stream"), parse = text => new DOMParser().parseFromString(text, "text/html");
  const put = e => {
    for (const fresh of parse(e.data).body.children) {
      const badge = fresh.firstElementChild;
      for (const old of document.querySelectorAll(`[data-issue="${CSS.escape(fresh.dataset.of)}"]`)) {
        const link = old.previousElementSibling; // in a list it is the title, in a text it has it
        if (link && link.title === old.dataset.issue) link.textContent = fresh.title || link.title;
        else if (link && link.title) link.title = fresh.title;
        if (!badge) old.remove();
        else if (old.className !== badge.className || old.textContent.trim() !== badge.textContent.trim()) old.replaceWith(badge.cloneNode(true));
      }
    }
  };
  // Those whose state the page shows, as the address of a stream has them.
  const shown = () => {
    const names = [...new Set([...document.querySelectorAll("[data-issue]")].map(b => b.dataset.issue))].slice(0, 100);
    return names.length ? "issues=" + encodeURIComponent(names.join(",")) : "";
  };
  window.hackfestIssues = {put, shown};
  if (own || !window.EventSource) return;
  let source;
  const stop = () => { if (source) source.close(); source = null; };
  const start = () => {
    stop();
    if (!shown()) return;
    source = new EventSource("/issues/live?" + shown());
    source.addEventListener("issues", put);
  };
  document.addEventListener("visibilitychange", () => document.hidden ? stop() : start());
  addEventListener("pagehide", stop);
  addEventListener("pageshow", e => { if (e.persisted) start(); });
  start();
})();
