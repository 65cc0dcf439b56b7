package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// ActionHistories returns the histories of several actions, each as ActionEvents
// does.
func (s *Store) ActionHistories(ctx context.Context, v person.Viewer, ids []hackfest.ItemID) (map[hackfest.ItemID][]hackfest.ActionEvent, error) {
	const q = `
		select e.ref, e.n, e.at, e.state, e.by, e.line_ref, e.meeting_ref
		from unnest(@refs::uuid[], @ns::int[]) k (ref, n)
		join action_events e on e.ref = k.ref and e.n = k.n
		join actions a on a.ref = e.ref and a.n = e.n
		join meetings m on m.ref = a.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
		order by e.id`
	if len(ids) == 0 {
		return nil, nil
	}
	var refs [][16]byte
	var ns []int
	for _, id := range ids {
		refs, ns = append(refs, uuid(id.Ref)), append(ns, id.N)
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"refs": refs, "ns": ns, "members": v.SeesMembersOnly()})
	all := map[hackfest.ItemID][]hackfest.ActionEvent{}
	var id hackfest.ItemID
	var e hackfest.ActionEvent
	_, err := pgx.ForEachRow(rows, []any{&id.Ref, &id.N, &e.At, &e.State, &e.By, &e.LineRef, &e.MeetingRef}, func() error {
		e.At = e.At.UTC()
		all[id] = append(all[id], e)
		return nil
	})
	return all, classify(err, "action")
}
