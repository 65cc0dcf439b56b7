package app

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ngircd"
)

func TestWelcome(t *testing.T) {
	t.Parallel()
	missing := &fault.Error{Kind: fault.Unavailable, Message: "ngIRCd is not installed.", Err: errors.New("no program")}
	for _, tt := range []struct {
		name     string
		irc      *ngircd.Server
		why      error
		contains []string
		lacks    string
	}{
		{
			"with a bot", &ngircd.Server{Addr: "127.0.0.1:6668"}, nil,
			[]string{"http://127.0.0.1:8080", "irssi -c 127.0.0.1 -p 6668", "ii -s 127.0.0.1 -p 6668", "#startmeeting", "#endmeeting"},
			"from before",
		},
		{"with the server of an earlier start", &ngircd.Server{Addr: "127.0.0.1:6667", Reused: true}, nil, []string{"still running from before"}, "no bot"},
		{"without ngIRCd", nil, missing, []string{"http://127.0.0.1:8080", "ngIRCd is not installed.", "no bot"}, "#startmeeting"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			d := &demonstration{DemoOptions: DemoOptions{Out: &out}, irc: tt.irc, noIRC: tt.why}
			d.welcome("http://127.0.0.1:8080")
			for _, want := range tt.contains {
				if !strings.Contains(out.String(), want) {
					t.Errorf("lacks %q:\n%s", want, out.String())
				}
			}
			if strings.Contains(out.String(), tt.lacks) {
				t.Errorf("has %q:\n%s", tt.lacks, out.String())
			}
		})
	}
}
