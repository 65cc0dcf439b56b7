// Saves what is typed in the editor of minutes every few seconds, and lets a line
// of the log be cited by a click. Without it there is a button for each.
(() => {
  const form = document.getElementById("edit"), state = document.getElementById("draft-state");
  if (!form) return;
  const words = state.querySelector("span"), field = name => form.elements[name];
  const read = () => new URLSearchParams([...new FormData(form)].filter(([n]) => n !== "once" && n !== "lines" && n !== "cite"));
  const text = () => { const b = read(); b.delete("revision"); return b.toString(); };
  let saved = text(), timer = 0, busy = false, leaving = false;

  const tell = t => { words.textContent = t; };
  const done = a => {
    const time = Object.assign(document.createElement("time"), {dateTime: a.at, textContent: a.saved});
    time.dataset.t = "hm";
    const box = document.createElement("span");
    box.append("draft, saved ", time);
    words.replaceChildren(box);
  };
  // What somebody else changed goes into the form, unless it was touched since.
  const take = (a, sent) => {
    const names = Object.keys(a.fields), now = read();
    if (names.some(n => now.get(n) !== sent.get(n))) return false;
    for (const n of names) {
      const f = field(n);
      if (!f) continue;
      if (f.type === "checkbox") f.checked = a.fields[n] !== "";
      else f.value = a.fields[n];
    }
    return true;
  };
  const save = async () => {
    if (busy || leaving) return later();
    const now = text();
    if (now === saved) return;
    busy = true;
    const body = read(), sent = new URLSearchParams(body);
    body.set("do", "autosave");
    try {
      const answer = await fetch(form.action, {method: "POST", body, headers: {Accept: "application/json"}});
      const a = await answer.json();
      if (answer.ok && take(a, sent)) {
        field("revision").value = a.revision;
        field("once").value = a.once;
        saved = Object.keys(a.fields).length ? text() : now;
        done(a);
      } else if (!answer.ok) {
        saved = now; // it is tried again when more is typed
        tell(a.message || "Not saved by itself. Save the draft.");
      }
    } catch {
      tell("Not saved: the portal cannot be reached. What you typed is still here.");
      later(15000);
    }
    busy = false;
  };
  const later = (wait = 3000) => { clearTimeout(timer); timer = setTimeout(save, wait); };
  form.addEventListener("input", e => { if (e.target.name !== "lines" && e.target.name !== "cite") later(); });
  form.addEventListener("change", () => later(1000));
  form.addEventListener("submit", () => { leaving = true; clearTimeout(timer); });
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("beforeunload", e => { if (!leaving && text() !== saved) e.preventDefault(); });

  // A click on a line of the log ticks it; while the field for a line's number is
  // being filled in, it fills that in.
  let asks = null;
  form.addEventListener("focusin", e => { asks = "cite" in e.target.dataset ? e.target : null; });
  document.querySelector(".pane .log").addEventListener("click", e => {
    const row = e.target.closest("li"), box = row && row.querySelector("input[name=cite]");
    if (!box || e.target.closest("a")) return;
    if (asks) {
      e.preventDefault();
      asks.value = box.value;
      asks.focus();
      later(1000);
    } else if (!e.target.closest("label") && !getSelection().toString()) {
      box.checked = !box.checked;
    }
  });
})();
