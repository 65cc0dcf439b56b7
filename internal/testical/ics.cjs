// Reads a calendar by ical.js, with its own VTIMEZONEs alone, and prints what
// takes place between two instants: node ics.cjs ICAL.JS FILE FROM TILL
const [lib, file, from, till] = process.argv.slice(2);
const ICAL = require(lib), since = Date.parse(from) / 1000, until = Date.parse(till) / 1000;
const cal = new ICAL.Component(ICAL.parse(require("fs").readFileSync(file, "utf8")));
ICAL.TimezoneService.reset();
for (const z of cal.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(z);
const masters = new Map(), overrides = new Map(), found = [];
for (const v of cal.getAllSubcomponents("vevent")) {
  const uid = v.getFirstPropertyValue("uid");
  if (!v.getFirstProperty("recurrence-id")) masters.set(uid, v);
  else overrides.set(uid, (overrides.get(uid) ?? []).concat(v));
}
const take = (event, start, end) => {
  const at = start.toUnixTime();
  if (at < since || at >= until) return;
  const text = name => String(event.component.getFirstPropertyValue(name) ?? "");
  found.push({
    uid: event.uid, start: at, end: end.toUnixTime(), status: text("status"), summary: event.summary,
    location: text("location"), description: text("description"), sequence: event.sequence,
  });
};
for (const [uid, v] of masters) {
  const event = new ICAL.Event(v, { exceptions: overrides.get(uid) ?? [], strictExceptions: true });
  if (!event.isRecurring()) {
    take(event, event.startDate, event.endDate);
    continue;
  }
  const dates = event.iterator();
  // A moved date may come before one that is earlier: look a while further.
  for (let next = dates.next(); next && next.toUnixTime() < until + 40 * 86400; next = dates.next()) {
    const one = event.getOccurrenceDetails(next);
    take(one.item, one.startDate, one.endDate);
  }
}
console.log(JSON.stringify(found));
