// Rewrites times into the browser's zone, unless the reader chose one in the
// footer (then data-zone is set on <html> and the server wrote them already).
(() => {
  const root = document.documentElement, own = !root.dataset.zone, h12 = root.dataset.clock === "12";
  const days = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
  const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const city = zone.split("/").pop().replace(/_/g, " ");
  const two = n => String(n).padStart(2, "0");
  const hm = d => h12 ? (d.getHours() % 12 || 12) + ":" + two(d.getMinutes()) + (d.getHours() < 12 ? " am" : " pm") : two(d.getHours()) + ":" + two(d.getMinutes());
  const day = (d, week) => (week ? days[d.getDay()] + " " : "") + d.getDate() + " " + months[d.getMonth()] + (d.getFullYear() === new Date().getFullYear() ? "" : " " + d.getFullYear());
  const write = {
    hm: d => hm(d),
    hms: d => hm(d),
    day: d => day(d),
    wday: d => day(d, true),
    gutter: d => day(d, true) + " " + hm(d),
    span: (d, end) => {
      const a = hm(d), b = hm(end);
      return day(d, true) + ", " + (h12 && a.slice(-2) === b.slice(-2) ? a.slice(0, -3) : a) + "–" + b;
    },
  };
  const each = (from, q, f) => { if (from.matches(q)) f(from); from.querySelectorAll(q).forEach(f); };
  const local = from => {
    each(from, "[data-t]", t => {
      const f = write[t.dataset.t], d = new Date(t.dateTime || t.dataset.at);
      if (f && !isNaN(d)) t.textContent = f(d, new Date(t.dataset.end || d));
      delete t.dataset.t;
    });
    each(from, "[data-own]", e => { e.textContent = "your time (" + city + ")"; e.className = ""; });
    const span = (className, ...inside) => { const e = document.createElement("span"); e.className = className; e.append(...inside); return e; };
    each(from, "[data-there]", e => { e.replaceChildren(span("sep", "·"), " ", span("nowrap", e.dataset.there + " ", span("zone", e.dataset.zone))); });
    each(from, "[data-mine]", e => { e.textContent = "Times are yours (" + city + ")."; });
  };
  const until = () => document.querySelectorAll("[data-until]").forEach(e => {
    const m = Math.ceil((new Date(e.dataset.until) - Date.now()) / 60000);
    if (m < 1) { e.textContent = "now"; return; }
    const h = Math.floor(m / 60);
    e.textContent = "in " + (h ? h + " h" + (m % 60 ? " " + m % 60 + " min" : "") : m + " min");
  });
  setInterval(until, 60000);
  if (!own) return;
  local(document.body);
  const pick = document.getElementById("zone");
  if (pick && zone && ![...pick.options].some(o => o.value === zone)) pick.add(new Option(city, zone), 1);
  new MutationObserver(list => list.forEach(m => m.addedNodes.forEach(n => n.querySelectorAll && local(n))))
    .observe(document.body, {childList: true, subtree: true});
})();
