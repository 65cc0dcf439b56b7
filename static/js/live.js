// Keeps a session's page up to date: puts the rows that the server sends where
// they belong. Without it the page stands still and can be loaded again.
(() => {
  const byId = id => document.getElementById(id), stream = byId("stream");
  if (!stream || !window.EventSource) return;
  const {path, state} = stream.dataset, trouble = byId("trouble"), store = sessionStorage, issues = window.hackfestIssues;
  let after = stream.dataset.after, source, timer, wait = 1000, away = "";

  const parse = e => new DOMParser().parseFromString(e.data, "text/html");
  const say = text => {
    if (trouble && trouble.textContent !== text) { trouble.textContent = text; trouble.hidden = !text; }
  };
  const y = row => row.getBoundingClientRect().top;
  // The log stays where its reader is: at the newest line, or at the one in view.
  const put = (list, rows) => {
    const box = list.closest(".tail");
    const seen = box && box.scrollTop < -4 && [...list.children].find(row => y(row) >= y(box));
    const before = seen && y(seen);
    for (const row of rows) {
      const old = byId(row.id);
      if (row.hidden) old && old.remove();
      else if (old) old.replaceWith(row);
      else list.append(row);
    }
    while (box && list.children.length > 400) list.firstElementChild.remove();
    if (seen && seen.isConnected) box.scrollTop += y(seen) - before;
    const label = document.querySelector(`[data-count="${list.id}"]`), n = list.children.length;
    if (label) { label.textContent = n; list.closest("section").hidden = !n; }
  };
  // A part replaces the one with its id, unless nothing but a form's key is new.
  // What is open, or has the focus, stays so.
  const bare = part => part.outerHTML.replace(/ data-t="[^"]*"| open=""/g, "") // as before time.js and the reader
    .replace(/(name="once" value=")[^"]*|(<time[^>]*>)[^<]*/g, "$1$2");
  const swap = e => {
    for (const fresh of [...parse(e).body.children]) {
      const old = byId(fresh.id), at = document.activeElement;
      if (!old || bare(old) === bare(fresh)) continue;
      if (old.open) fresh.open = true;
      const held = old.contains(at);
      old.replaceWith(fresh);
      if (held) (byId(at.id) || fresh.querySelector("summary, button, a") || document.body).focus();
      const box = fresh.closest("[data-part]"); // a section that is hidden while its part is
      if (box) box.hidden = fresh.hidden;
    }
  };
  const stop = () => { clearTimeout(timer); if (source) source.close(); source = null; };
  const on = {
    rows: e => parse(e).querySelectorAll("template").forEach(t => {
      const list = byId(t.dataset.in);
      if (list) put(list, [...t.content.children]);
    }),
    now: swap,
    issues: e => issues.put(e),
    parts: e => { swap(e); stream.dataset.moves = 1 + Number(stream.dataset.moves || 0); },
    away: e => say(away = e.data),
    back: () => say(away = ""),
    full: e => { stop(); say(e.data); timer = setTimeout(start, 15000 + 10000 * Math.random()); },
    reload: () => {
      stop();
      const now = Date.now(), soon = now - store.getItem(state) < 5000; // it did not help
      store.setItem(state, now);
      setTimeout(() => location.reload(), soon ? 5000 : 0);
    },
  };
  // A page without a log is followed while it is seen only: a browser has few
  // connections to one server.
  const asleep = () => document.hidden && !document.querySelector(".tail");
  // A browser connects again by itself, with Last-Event-ID, except after an
  // answer that is an error; then it is done here, from the same place on.
  const start = () => {
    stop();
    if (asleep()) return;
    source = new EventSource(`${path}?after=${after}&state=${state}&${issues.shown()}`);
    source.onopen = () => { wait = 1000; clearTimeout(timer); say(away = ""); };
    source.onerror = () => {
      const gone = source.readyState === 2;
      clearTimeout(timer);
      timer = setTimeout(() => {
        say("The connection to the portal is lost; this page tries again by itself.");
        if (gone) start();
      }, wait);
      if (gone) wait = Math.min(2 * wait, 30000);
    };
    for (const name in on) source.addEventListener(name, e => { after = e.lastEventId || after; on[name](e); });
  };
  document.addEventListener("visibilitychange", () => asleep() ? stop() : source || start());
  addEventListener("pagehide", stop);
  addEventListener("pageshow", e => { if (e.persisted) start(); });
  start();
})();
