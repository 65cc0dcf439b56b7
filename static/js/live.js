// Keeps a session's page up to date: puts the rows that the server sends where
// they belong. Without it the page stands still and can be loaded again.
(() => {
  const stream = document.getElementById("stream");
  if (!stream || !window.EventSource) return;
  const {path, state} = stream.dataset, trouble = document.getElementById("trouble");
  const most = 400, byId = id => document.getElementById(id);
  let after = stream.dataset.after, source, timer, wait = 1000, away = "";

  const parse = html => new DOMParser().parseFromString(html, "text/html");
  const say = text => {
    if (trouble && trouble.textContent !== text) { trouble.textContent = text; trouble.hidden = !text; }
  };
  const count = list => {
    const label = document.querySelector(`[data-count="${list.id}"]`);
    if (!label) return;
    label.textContent = list.children.length;
    list.closest("section").hidden = !list.children.length;
  };
  // The log stays where the reader is: at its newest line, or at the one in view.
  const keep = (list, change) => {
    const box = list.closest(".tail"), top = box && box.getBoundingClientRect().top;
    const seen = box && box.scrollTop < -4 && [...list.children].find(row => row.getBoundingClientRect().bottom > top);
    const before = seen && seen.getBoundingClientRect().top;
    change();
    if (seen && seen.isConnected) box.scrollTop += seen.getBoundingClientRect().top - before;
  };
  const put = (list, rows) => keep(list, () => {
    for (const row of rows) {
      const old = byId(row.id);
      if (row.hidden) old && old.remove();
      else if (old) old.replaceWith(row);
      else list.append(row);
    }
    while (list.id === "tail" && list.children.length > most) list.firstChild.remove();
    count(list);
  });
  const on = {
    rows: e => parse(e.data).querySelectorAll("template[data-in]").forEach(t => {
      const list = byId(t.dataset.in);
      if (list) put(list, [...t.content.children]);
    }),
    now: e => {
      const box = byId("now"), fresh = parse(e.data).getElementById("now");
      if (box && fresh) box.replaceWith(fresh);
    },
    away: e => say(away = e.data),
    back: () => say(away = ""),
    reload: () => {
      stop();
      const last = +sessionStorage.getItem("reload") || 0, now = Date.now();
      sessionStorage.setItem("reload", now);
      setTimeout(() => location.reload(), now - last < 5000 ? 5000 : 0);
    },
  };
  const stop = () => { clearTimeout(timer); if (source) source.close(); source = null; };
  // A browser connects again by itself, with Last-Event-ID, unless the answer
  // was an error; then it is done here, from the same place on.
  const start = () => {
    stop();
    source = new EventSource(`${path}?after=${after}&state=${state}`);
    source.onopen = () => { wait = 1000; clearTimeout(timer); say(away); };
    source.onerror = () => {
      const gone = source && source.readyState === EventSource.CLOSED;
      clearTimeout(timer);
      timer = setTimeout(() => {
        say("The connection to the portal is lost; this page tries again by itself.");
        if (gone) start();
      }, wait);
      if (gone) wait = Math.min(2 * wait, 30000);
    };
    for (const name in on) source.addEventListener(name, e => { if (e.lastEventId) after = e.lastEventId; on[name](e); });
  };
  addEventListener("pagehide", stop);
  addEventListener("pageshow", e => { if (e.persisted) start(); });
  start();
})();
