package web

import (
	"testing"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// askedBy is the secret of a link that an address was sent to confirm that it
// follows everything.
func askedBy(t *testing.T, s *Server, address string) string {
	t.Helper()
	b, err := s.Store.Follow(t.Context(), hackfest.Following{Mail: address, Scope: hackfest.FollowAll}, s.Now())
	must(t, err)
	secret, hash := auth.NewSecret()
	_, _, ok, err := s.Store.BeginConfirmation(t.Context(), b.ID, hash, s.Now())
	must(t, err)
	if !ok {
		t.Fatal("it may not be asked")
	}
	return secret
}

// wayOut is the secret of the link in all mails to an address, which follows
// everything.
func wayOut(t *testing.T, s *Server, address string) string {
	t.Helper()
	hash := auth.HashSecret(askedBy(t, s, address))
	b, err := s.Store.FollowLink(t.Context(), hash, s.Now())
	must(t, err)
	waiting, err := s.Store.WaitingFollows(t.Context(), viewerOf(nil), b.ID)
	must(t, err)
	b, err = s.Store.ConfirmFollows(t.Context(), hash, []hackfest.FollowID{waiting[0].ID}, hackfest.PaceEach, s.Now())
	must(t, err)
	key, err := s.Store.MailKey(t.Context(), s.Now())
	must(t, err)
	return auth.SignHandle(key, b.Handle)
}
