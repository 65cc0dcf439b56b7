package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

func TestParts(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	until := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for _, tt := range []struct {
		name string
		last func(context.Context) error // the part started last
		want string                      // "" is an orderly stop
	}{
		{"all run until they are stopped", until, ""},
		{"one fails", func(context.Context) error { return broken }, "disk on fire"},
		{"one ends by itself", func(context.Context) error { return nil }, "last ended by itself"},
		{"one fails while it stops", func(ctx context.Context) error { <-ctx.Done(); return broken }, "last: disk on fire"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			p := newParts(ctx, slog.New(slog.DiscardHandler))
			var order []string // written by one part at a time, since each ends before the next is stopped
			for _, name := range []string{"first", "second"} {
				p.start(name, func(ctx context.Context) error {
					<-ctx.Done()
					order = append(order, name)
					return ctx.Err()
				})
			}
			p.start("last", tt.last)
			if !strings.HasPrefix(tt.want, "last ended") && tt.want != "disk on fire" {
				cancel()
			}
			err := errors.Join(p.wait(), p.stop())
			cancel()
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if want := []string{"second", "first"}; !slices.Equal(order, want) {
				t.Errorf("stopped %v, want %v", order, want)
			}
		})
	}
}
