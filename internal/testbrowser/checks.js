// What the checks of this package run in a page. Each answers with sentences
// about what is wrong, or with facts that the Go side puts together.
(() => {
  const shown = e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
  const name = e => {
    const words = (e.getAttribute("aria-label") || e.innerText || e.textContent || e.name || "").trim().replace(/\s+/g, " ").slice(0, 40);
    const classes = [...e.classList].map(c => "." + c).join("");
    return "<" + e.localName + (e.id ? "#" + e.id : "") + classes + ">" + (words ? ' "' + words + '"' : "");
  };

  // --- colours ---
  const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = colour => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const ground = e => { // what is painted behind e's box
    const layers = [];
    for (; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor);
      layers.push(c);
      if (c[3] === 1) break;
    }
    return layers.reduceRight((below, c) => over(c, below), rgba("canvas"));
  };
  const light = c => {
    const [r, g, b] = c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const contrast = (a, b) => { // WCAG 2.2, contrast ratio
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + .05) / (y + .05);
  };

  // --- keyboard ---
  const control = "a[href], area[href], button, input, select, textarea, summary, audio[controls], video[controls]";
  const wanted = control + ", [contenteditable], [tabindex]";
  const isStop = e => !e.disabled && (e.tabIndex >= 0 || e.matches(control)) && e.type !== "hidden" && shown(e) && !e.closest("[inert]") &&
    !(e.type === "radio" && !e.checked && document.querySelector(`input[type=radio][name="${CSS.escape(e.name)}"]:checked`)) &&
    !(e.localName === "summary" && e.parentElement.localName !== "details");
  const partly = ["date", "time", "month", "week", "datetime-local"]; // controls with stops of their own within them
  let stops = [], focused = null, before = null, inner = 0;

  const picture = e => { let s = e.closest("svg"); while (s && s.parentElement.closest("svg")) s = s.parentElement.closest("svg"); return s; };
  const seen = e => { // is some of e in view, on top? Marks of one picture may overlap: the ring is drawn over them.
    const spots = [...e.getClientRects()].flatMap(r => {
      const t = Math.max(r.top, 0), b = Math.min(r.bottom, innerHeight), l = Math.max(r.left, 0), s = Math.min(r.right, innerWidth);
      return b - t < 1 || s - l < 1 ? [] : [[(l + s) / 2, (t + b) / 2], [l + 2, t + 2], [s - 2, b - 2]];
    });
    return spots.some(([x, y]) => {
      const hit = document.elementFromPoint(x, y);
      return hit && (e.contains(hit) || picture(e) && picture(e).contains(hit) || hit.contains(e) && hit !== document.documentElement && hit !== document.body && getComputedStyle(hit).position !== "fixed");
    });
  };
  const ring = e => {
    const s = getComputedStyle(e);
    if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) return "focus cannot be seen (outline " + s.outlineStyle + " " + s.outlineWidth + ")";
    const r = contrast(over(rgba(s.outlineColor), ground(e.parentElement)), ground(e.parentElement));
    return r < 3 ? "focus can hardly be seen (contrast " + r.toFixed(1) + ")" : "";
  };
  // stop says where the focus is: the number of the stop, -1 for what is none,
  // -2 for nowhere, -3 within the one before; and what is wrong there.
  const stop = () => {
    const e = document.activeElement;
    before = focused, focused = e;
    if (!e || e === document.body) return {at: -2, wrong: []};
    const wrong = [];
    inner = e === before ? inner + 1 : 0;
    if (inner > 0 && inner <= 6 && partly.includes(e.type)) return {at: -3, wrong}; // day, month and year are stops within it
    if (inner > 0) wrong.push("Tab does not leave it");
    const no = ring(e);
    if (no) wrong.push(no);
    if (!seen(e)) wrong.push("it has the focus and is out of view or covered");
    const at = stops.indexOf(e);
    return {at, wrong: wrong.map(w => name(e) + ": " + w)};
  };
  let keys = 0, places = []; // since listen
  const pressed = () => { if (keys++) places.push(stop()); };

  window.checks = {
    // begin gathers what Tab must reach, puts the focus before the stop numbered
    // from, and says how many stops there are.
    begin(from) {
      stops = [...document.querySelectorAll(wanted)].filter(isStop);
      const start = document.createElement("span");
      start.tabIndex = -1;
      (stops[from] && from ? stops[from] : document.body).insertAdjacentElement(from ? "beforebegin" : "afterbegin", start);
      start.focus({preventScroll: true});
      start.remove();
      focused = before = null;
      return stops.length;
    },
    // listen has the page note at each key where the one before left the focus.
    listen() {
      keys = 0, places = [];
      addEventListener("keydown", pressed, true);
      return true;
    },
    // heard says where each of n keys since listen left the focus. One that the
    // page did not get left it nowhere.
    heard(n) {
      removeEventListener("keydown", pressed, true);
      if (keys) places.push(stop());
      return places.concat(Array(n - keys).fill({at: -2, wrong: []}));
    },
    // end takes the focus away, and with it what shows only while it has it.
    end: () => (document.activeElement.blur(), true),
    // missed names a stop.
    missed: at => name(stops[at]),

    // borders says which controls cannot be told from what is around them
    // (WCAG 2.2, 1.4.11). One that is text alone is judged as text.
    borders() {
      return [...document.querySelectorAll("input, select, textarea, button, .button")].filter(e => shown(e) && !e.disabled && e.type !== "hidden" && e.type !== "checkbox" && e.type !== "radio" && e.type !== "range").flatMap(e => {
        const s = getComputedStyle(e), around = ground(e.parentElement), box = over(rgba(s.backgroundColor), around);
        const line = s.borderTopStyle === "none" || parseFloat(s.borderTopWidth) < 1 ? around : over(rgba(s.borderTopColor), box);
        const plain = contrast(line, around) < 1.05 && contrast(box, around) < 1.05;
        if (plain && e.matches("button, .button") && e.innerText.trim()) return [];
        const r = Math.max(contrast(line, around), contrast(box, around));
        return r < 3 ? [name(e) + ": its border has a contrast of " + r.toFixed(1) + ", less than 3"] : [];
      });
    },

    // captions says which words in pictures have too little contrast to what is
    // drawn behind their middle; axe-core does not look into pictures.
    captions() {
      return [...document.querySelectorAll("svg text")].filter(e => shown(e) && e.textContent.trim()).flatMap(e => {
        e.scrollIntoView({block: "center", inline: "nearest"});
        const s = getComputedStyle(e), r = e.getBoundingClientRect();
        const x = Math.min(Math.max((r.left + r.right) / 2, 0), innerWidth - 1), y = (r.top + r.bottom) / 2;
        let behind = ground(picture(e).parentElement);
        for (const shape of document.elementsFromPoint(x, y).filter(o => o !== e && !e.contains(o) && picture(e).contains(o) && o !== picture(e)).reverse()) {
          const f = getComputedStyle(shape);
          if (f.fill === "none" || shape.localName === "text" || shape.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING) continue;
          const c = rgba(f.fill);
          behind = over([...c.slice(0, 3), c[3] * f.opacity * f.fillOpacity], behind);
        }
        if (s.stroke !== "none" && s.paintOrder.startsWith("stroke")) behind = over(rgba(s.stroke), behind);
        const c = rgba(s.fill), ratio = contrast(over([...c.slice(0, 3), c[3] * s.opacity * s.fillOpacity], behind), behind);
        return ratio < 4.5 ? [name(e) + ": in a picture with a contrast of " + ratio.toFixed(1) + ", less than 4.5"] : [];
      });
    },

    // wide says what is wider than the window, and which boxes scroll sideways
    // without saying what they are, or without the keyboard.
    wide() {
      const out = [], root = document.documentElement;
      const scrolls = e => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
      const clips = e => { const s = getComputedStyle(e); return s.overflowX !== "visible" || s.clipPath !== "none"; };
      if (root.scrollWidth > innerWidth) out.push("the page is " + (root.scrollWidth - innerWidth) + " px wider than the window");
      for (const e of document.body.querySelectorAll("*")) {
        if (!shown(e)) continue;
        if (scrolls(e) && e.scrollWidth > e.clientWidth + 1) {
          const label = e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") && document.getElementById(e.getAttribute("aria-labelledby"))?.textContent;
          if (!label || !["region", "group", "log"].includes(e.getAttribute("role") || (e.localName === "section" ? "region" : ""))) out.push(name(e) + ": scrolls sideways and is no labelled region");
          else if (e.tabIndex < 0) out.push(name(e) + ": scrolls sideways and not by keyboard");
          continue;
        }
        const r = e.getBoundingClientRect();
        if (r.right <= innerWidth + 1 || r.bottom < 0) continue;
        let box = e.parentElement;
        while (box && box !== document.body && !clips(box)) box = box.parentElement;
        if (box && box !== document.body) continue; // it scrolls or is cut there
        if (e.parentElement.getBoundingClientRect().right > innerWidth + 1 && e.parentElement !== document.body) continue; // said of that
        out.push(name(e) + ": reaches " + Math.round(r.right - innerWidth) + " px over the edge");
      }
      return out;
    },

    // dead says which buttons do nothing without script.
    dead() {
      return [...document.querySelectorAll("button, [role=button], a:not([href])")].filter(e => shown(e) && !e.disabled &&
        !(e.localName === "button" && (e.hasAttribute("popovertarget") || e.type !== "button" && e.form))).map(e => name(e) + ": does nothing without script");
    },
  };
  return true;
})()
