// Sends the forms of a live page without leaving it, so that what is typed in
// the others stays. Without it they are ordinary forms.
(() => {
  const byId = id => document.getElementById(id), here = byId("console");
  if (!here || !here.closest(".stage")) return;
  const parse = html => new DOMParser().parseFromString(html, "text/html");
  const fields = box => [...box.querySelectorAll("input[type=text], select")];
  const key = "typed " + location.pathname;
  const waiting = new Set();
  let queue = Promise.resolve(), last;

  const tell = text => {
    const note = document.createElement("p");
    note.className = "notice soon small";
    note.textContent = text;
    byId("sent").replaceChildren(note);
  };
  // How often the stream has brought parts. What it brought while a page was on
  // its way is newer than that page, which may have been made before it.
  const moves = () => byId("stream")?.dataset.moves;
  // A part that stays gets new keys for its forms: one of them was just used.
  const rekey = (old, fresh) => {
    const keys = fresh.querySelectorAll("[name=once]");
    old.querySelectorAll("[name=once]").forEach((k, i) => { if (keys[i]) k.value = keys[i].value; });
  };
  // What was typed besides the form that was sent goes into the new console.
  const renew = (fresh, gone, newer) => {
    const old = byId("console"), at = document.activeElement, held = old.contains(at);
    for (const id of newer ? ["next", "undo"] : []) {
      const to = fresh.querySelector("#" + id), kept = old.querySelector("#" + id);
      if (to && kept) { rekey(kept, to); to.replaceWith(kept.cloneNode(true)); }
    }
    for (const f of fields(old)) {
      const to = fresh.querySelector("#" + CSS.escape(f.id));
      if (to && (f.tagName === "SELECT" || f.form.action !== gone)) to.value = f.value;
    }
    for (const d of old.querySelectorAll("details[open]")) {
      const to = fresh.querySelector("#" + CSS.escape(d.id));
      if (to && !d.querySelector(`form[action="${new URL(gone).pathname}"]`)) to.open = true;
    }
    old.replaceWith(fresh);
    if (held) (byId(at.id) || fresh.querySelector("input[type=text]") || fresh).focus();
  };
  const show = (page, form, newer) => {
    for (const id of ["vote", "queue", "agenda", "standing"]) {
      const old = byId(id), fresh = page.getElementById(id), at = document.activeElement;
      if (!old || !fresh) continue;
      if (newer) { rekey(old, fresh); continue; }
      const held = old.contains(at);
      old.replaceWith(fresh);
      if (held) (byId(at.id) || fresh.querySelector("button, a") || document.body).focus();
    }
    const note = page.querySelector("main > .notice.ok"), before = document.querySelector("main > .notice.ok");
    if (before) before.remove();
    if (note) document.querySelector("main").prepend(note);
    renew(page.getElementById("console"), form, newer);
    follow();
  };
  // Looks again until it is known what became of the command.
  const follow = () => {
    const wait = document.querySelector("#sent [data-poll]");
    if (!wait) {
      const field = last && document.querySelector("#sent [data-lost]") && byId(last.id);
      if (field && !field.value) field.value = last.value;
      return;
    }
    setTimeout(async () => {
      try {
        const fresh = parse(await (await fetch(wait.dataset.poll)).text()).getElementById("sent");
        if (fresh && wait.isConnected) byId("sent").replaceWith(fresh);
      } catch { /* the portal is away; it is asked again */ }
      if (!wait.isConnected || byId("sent").contains(wait)) follow();
    }, 1000);
  };
  const send = async (action, body, field) => {
    const before = moves();
    last = field;
    try {
      const answer = await fetch(action, {method: "POST", body}), page = parse(await answer.text());
      if (page.getElementById("console")) show(page, answer.ok ? action : "/", moves() !== before);
      else if (answer.ok) location.assign(answer.url);
      else tell(page.querySelector("main p")?.textContent || "That did not work. Load the page again.");
    } catch {
      tell("Not sent: the portal cannot be reached. What you typed is still here.");
    }
  };
  // Forms are sent one after the other; the same twice at once is a double click.
  addEventListener("submit", e => {
    const form = e.target, by = e.submitter;
    if (!form.closest(".stage")) return;
    e.preventDefault();
    const body = new URLSearchParams(new FormData(form)), field = form.querySelector("input[type=text]");
    if (by && by.name) body.set(by.name, by.value);
    const action = form.action, said = field && {id: field.id, value: field.value};
    body.delete("once");
    const what = action + "?" + body;
    if (waiting.has(what)) return;
    waiting.add(what);
    queue = queue.then(async () => {
      const now = form.isConnected ? form : by && byId(by.id)?.form || form; // the page may have been renewed
      body.set("once", now.querySelector("[name=once]")?.value || "");
      await send(action, body, said);
      waiting.delete(what);
    });
  });
  // A page that loads itself again keeps what was typed.
  addEventListener("pagehide", () => {
    const box = byId("console"), kept = box ? fields(box).filter(f => f.value !== (f.defaultValue ?? "")).map(f => [f.id, f.value]) : [];
    sessionStorage.setItem(key, JSON.stringify(kept));
  });
  if ((performance.getEntriesByType("navigation")[0] || {}).type === "reload")
    for (const [id, value] of JSON.parse(sessionStorage.getItem(key) || "[]")) if (byId(id)) byId(id).value = value;
  sessionStorage.removeItem(key);
  follow();
})();
