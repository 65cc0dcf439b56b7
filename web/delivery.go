package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	deliveriesMost = 100                 // deliveries on a page
	deskTrouble    = 14 * 24 * time.Hour // what did not go longer ago is no matter of the desk
)

// deliveryRoutes adds the routes of what was announced where.
func (s *Server) deliveryRoutes(r *table) {
	r.get("/manage/deliveries", person.ReadDesk, s.page(s.listDeliveries))
	r.post("/manage/deliveries/retry", person.Deliver, s.page(s.retryOutlet))
	r.post("/manage/deliveries/{delivery}/retry", person.Deliver, s.page(s.retryDelivery))
}

// deliveryStates are how far deliveries come, as people read them.
var deliveryStates = []struct {
	state hackfest.DeliveryState
	badge ui.State
}{
	{hackfest.DeliveryFailed, ui.State{Class: "soon", Icon: "struck", Text: "failed"}},
	{hackfest.DeliveryUnknown, ui.State{Class: "soon", Icon: "warn", Text: "unknown"}},
	{hackfest.DeliveryPending, ui.State{Class: "scheduled", Icon: "hollow", Text: "waiting"}},
	{hackfest.DeliverySending, ui.State{Class: "scheduled", Icon: "arrow", Text: "on its way"}},
	{hackfest.DeliverySent, ui.State{Class: "ok", Icon: "tick", Text: "sent"}},
	{hackfest.DeliveryDropped, ui.State{Class: "off", Icon: "struck", Text: "not sent"}},
}

func deliveryBadge(state hackfest.DeliveryState) ui.State {
	for _, x := range deliveryStates {
		if x.state == state {
			return x.badge
		}
	}
	return ui.State{}
}

// outletWords say where deliveries go.
var outletWords = []struct {
	outlet hackfest.Outlet
	facet  string
	where  string // "" is the channel's name
}{
	{hackfest.OutletSite, "site", "On the site"},
	{hackfest.OutletIRC, "channels", ""},
	{hackfest.OutletTopic, "topics", "Topic of "},
	{hackfest.OutletNotice, "one by one on IRC", "To people who come, on "},
	{hackfest.OutletMail, "mail", "Mail"},
}

// outletName is where a delivery went, in words. Whom a letter went to is nobody's
// to read.
func outletName(o hackfest.Outlet, network, channel string) string {
	where := channel
	if network != "" && channel != "" {
		where += " on " + network
	}
	for _, x := range outletWords {
		switch {
		case x.outlet != o || x.where == "":
		case strings.HasSuffix(x.where, " ") && channel == "":
			return x.where + network
		case strings.HasSuffix(x.where, " "):
			return x.where + where
		default:
			return x.where
		}
	}
	return where
}

// banner are the news that all pages show now; a page of news does not show its
// own.
func (s *Server) banner(r *http.Request, now time.Time) ([]templates.NewsLink, error) {
	list, err := s.Store.News(r.Context(), viewerOf(r), store.NewsFilter{Banner: true, Limit: 2}, now)
	var links []templates.NewsLink
	for _, n := range list {
		if href := newsURL(n); href != r.URL.Path {
			links = append(links, templates.NewsLink{Title: ui.Visible(n.Title), Href: href})
		}
	}
	return links, err
}

// receipts says what became of one announcement, by outlet, for templates.Receipts.
// back is the path to which trying again leads.
func (s *Server) receipts(r *http.Request, c ui.Clock, what, back string) ([]templates.ReceiptRow, error) {
	list, err := s.Store.Receipts(r.Context(), viewerOf(r), what)
	may := person.Can(actorOf(r), person.Deliver, person.Object{}) == nil
	var rows []templates.ReceiptRow
	for _, x := range list {
		row := templates.ReceiptRow{
			Where: outletName(x.Outlet, x.Network, x.Channel), State: deliveryBadge(x.State), Count: toWhom(x), Reason: becauseOf(x.State, x.Reason),
			At: c.Gutter(x.At, s.community()), Form: newForm(""),
		}
		if may && x.State == hackfest.DeliveryFailed {
			row.Retry, row.Which = "/manage/deliveries/retry", map[string]string{
				"what": x.What, "outlet": string(x.Outlet), "occasion": string(x.Occasion), "back": back,
			}
			if x.ChannelID != 0 {
				row.Which["channel"] = strconv.FormatInt(int64(x.ChannelID), 10)
			}
		}
		rows = append(rows, row)
	}
	return rows, err
}

// becauseOf is why a delivery came to its state, "" where that says all.
func becauseOf(state hackfest.DeliveryState, reason string) string {
	if state == hackfest.DeliveryPending && reason != "" {
		return reason + " It is tried again by itself."
	}
	return reason
}

// toWhom says how many people a receipt is about; "" when it is about a place.
func toWhom(x hackfest.Receipt) string {
	switch x.Outlet {
	case hackfest.OutletMail:
		return counted(x.Count, "address", "addresses")
	case hackfest.OutletNotice:
		return counted(x.Count, "person", "people")
	}
	return ""
}

// listDeliveries answers GET /manage/deliveries, noted last first; what, outlet
// and state restrict the list.
func (s *Server) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f, err := s.frame(r, "Receipts")
	if err != nil {
		return err
	}
	f.NoIndex, f.Section = true, "/manage"
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64) // nonsense begins with the newest
	filter := store.DeliveryFilter{
		What: strings.ToValidUTF8(strings.ReplaceAll(q.Get("what"), "\x00", ""), ""), Outlet: hackfest.Outlet(q.Get("outlet")),
		State: hackfest.DeliveryState(q.Get("state")), Before: hackfest.DeliveryID(before), Limit: deliveriesMost + 1,
	}
	p := templates.DeliveriesPage{Frame: f, Facets: deliveryFacets(q, &filter)}
	list, err := s.Store.Deliveries(r.Context(), viewerOf(r), filter)
	if err != nil {
		return err
	}
	if len(list) > deliveriesMost {
		list = list[:deliveriesMost]
		p.Older = "/manage/deliveries?" + with(q, "before", strconv.FormatInt(int64(list[deliveriesMost-1].ID), 10))
	}
	for _, d := range list {
		row := s.deliveryRow(r, f.Clock, d)
		if filter.What != "" { // the heading says it
			row.Title, row.Href, row.What = "", "", ""
		}
		p.Rows = append(p.Rows, row)
	}
	if filter.What != "" {
		p.About = "An announcement of which nothing is known."
		if len(list) > 0 {
			p.About = sentence(about(list[0].NewsTitle+list[0].SessionTitle, list[0].Occasion))
		}
		if p.Receipts, err = s.receipts(r, f.Clock, filter.What, "/manage/deliveries?"+url.Values{"what": {filter.What}}.Encode()); err != nil {
			return err
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Deliveries(p))
}

// about is what an announcement is about: "Weekly hackfest, that it starts in an
// hour".
func about(title string, o hackfest.Occasion) string {
	switch {
	case title == "":
		return occasionWords[o]
	case o == hackfest.OccasionNews:
		return "News: " + title
	}
	return title + ", " + occasionWords[o]
}

// deliveryFacets are the links that narrow the list. What filter has and nobody
// could choose is taken out of it.
func deliveryFacets(q url.Values, filter *store.DeliveryFilter) []ui.FacetGroup {
	to := func(name, value string) string {
		narrow := url.Values{}
		for _, n := range []string{"what", "outlet", "state"} {
			if v := q.Get(n); v != "" && n != name {
				narrow.Set(n, v)
			}
		}
		if value != "" {
			narrow.Set(name, value)
		}
		return strings.TrimSuffix("/manage/deliveries?"+narrow.Encode(), "?")
	}
	states := ui.FacetGroup{Label: "State", Facets: []ui.Facet{{Text: "all", Href: to("state", "")}}}
	known := false
	for _, x := range deliveryStates {
		known = known || x.state == filter.State
		states.Facets = append(states.Facets, ui.Facet{Text: x.badge.Text, Href: to("state", string(x.state)), Current: x.state == filter.State})
	}
	if !known {
		filter.State, states.Facets[0].Current = "", true
	}
	outlets := ui.FacetGroup{Label: "Where", Facets: []ui.Facet{{Text: "everywhere", Href: to("outlet", "")}}}
	known = false
	for _, x := range outletWords {
		known = known || x.outlet == filter.Outlet
		outlets.Facets = append(outlets.Facets, ui.Facet{Text: x.facet, Href: to("outlet", string(x.outlet)), Current: x.outlet == filter.Outlet})
	}
	if !known {
		filter.Outlet, outlets.Facets[0].Current = "", true
	}
	return []ui.FacetGroup{states, outlets}
}

func (s *Server) deliveryRow(r *http.Request, c ui.Clock, d hackfest.Delivery) templates.ReceiptRow {
	row := templates.ReceiptRow{
		Where: outletName(d.Outlet, d.Network, d.Channel), What: occasionWords[d.Occasion], State: deliveryBadge(d.State), Reason: becauseOf(d.State, d.Reason),
		At: c.Gutter(d.DueAt, s.community()), Form: newForm(""),
	}
	switch {
	case d.NewsSlug != "":
		row.Title, row.Href, row.What = "News: "+ui.Visible(d.NewsTitle), newsURL(hackfest.News{Slug: d.NewsSlug}), ""
	case d.SessionSlug != "":
		row.Title, row.Href, row.What = ui.Visible(d.SessionTitle), templates.SessionURL(d.SessionSlug), ", "+row.What
	}
	if d.State == hackfest.DeliveryFailed && person.Can(actorOf(r), person.Deliver, person.Object{}) == nil {
		row.Retry = "/manage/deliveries/" + strconv.FormatInt(int64(d.ID), 10) + "/retry"
	}
	return row
}

// retryDelivery answers POST /manage/deliveries/{delivery}/retry.
func (s *Server) retryDelivery(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(pathParam(r, "delivery"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "There is no such announcement.")
	}
	if _, err := formOf(r); err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		d, err := tx.RetryDelivery(ctx, hackfest.DeliveryID(id), s.Now())
		if err != nil {
			return done{}, err
		}
		err = s.audit(ctx, tx, r, "retry announcement", d.What, map[string]any{"state": d.State, "outlet": d.Outlet}, map[string]any{"state": hackfest.DeliveryPending})
		return done{To: "/manage/deliveries?" + url.Values{"what": {d.What}}.Encode(), Said: "It is tried again within a minute."}, err
	})
}

// retryOutlet answers POST /manage/deliveries/retry: all that failed of one
// announcement at one outlet is tried again.
func (s *Server) retryOutlet(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	channel, _ := strconv.ParseInt(form.Get("channel"), 10, 64) // none is none
	what, outlet, occasion := form.Get("what"), hackfest.Outlet(form.Get("outlet")), hackfest.Occasion(form.Get("occasion"))
	back := form.Get("back")
	if !strings.HasPrefix(back, "/manage/") {
		back = "/manage/deliveries?" + url.Values{"what": {what}}.Encode()
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		n, err := tx.RetryDeliveries(ctx, what, outlet, occasion, hackfest.ChannelID(channel), s.Now())
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "Nothing of that has failed: it went, may have gone, or must not go any more.")
		}
		if err != nil {
			return done{}, err
		}
		err = s.audit(ctx, tx, r, "retry announcement", what, map[string]any{"state": hackfest.DeliveryFailed, "outlet": outlet, "count": n},
			map[string]any{"state": hackfest.DeliveryPending})
		return done{To: back, Said: sentence(counted(n, "delivery is", "deliveries are") + " tried again within a minute")}, err
	})
}

// unsure are the announcements that perhaps nobody had.
func (d desk) unsure() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.TroubledReceipts(d.ctx, d.viewer, d.now.Add(-deskTrouble), deskMost)
	for _, x := range list {
		to, matter := "/manage/deliveries?"+url.Values{"what": {x.What}}.Encode(), about(ui.Visible(x.NewsTitle+x.SessionTitle), x.Occasion)
		e := templates.DeskEntry{
			At: d.at(x.At), Title: "Perhaps unheard: " + matter, Href: to, Button: "Look", Go: to,
			Facts: []string{outletName(x.Outlet, x.Network, x.Channel)},
		}
		switch x.State {
		case hackfest.DeliveryFailed:
			e.Title, e.Button = "Not sent: "+matter, "Try again"
		case hackfest.DeliveryPending:
			e.Title = "Not sent yet: " + matter
		case hackfest.DeliveryDropped:
			e.Title = "Not sent: " + matter
		}
		if n := toWhom(x); n != "" {
			e.Facts = append(e.Facts, n)
		}
		entries = append(entries, withReason(e, x))
	}
	return entries, err
}

// withReason adds what became of x and why to what the desk says of it.
func withReason(e templates.DeskEntry, x hackfest.Receipt) templates.DeskEntry {
	e.Facts = append(e.Facts, deliveryBadge(x.State).Text)
	if reason := becauseOf(x.State, x.Reason); reason != "" {
		e.Facts = append(e.Facts, reason)
	}
	return e
}
