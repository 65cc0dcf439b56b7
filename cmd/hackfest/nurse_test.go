package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNurse(t *testing.T) {
	t.Parallel()
	file := func(checks string) string {
		path := filepath.Join(t.TempDir(), "checks.yaml")
		if err := os.WriteFile(path, []byte(checks), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const well, ill = "{key: a, kind: file, path: /, title: There is a root, severity: dead}", ", kind: file, path: /no/such, title: Nothing, advice: 'Make\u009b it.', severity: "
	for _, tt := range []struct {
		name       string
		args       []string
		in         string
		wantStatus int
		wantOut    []string // parts
		wantErr    string   // a part
	}{
		{name: "well", args: []string{"--checks", file("[" + well + "]")}, wantOut: []string{"  well     There is a root", "1 of 1 well. Fit."}},
		{name: "standard input", args: []string{"--checks", "-"}, in: "[" + well + "]", wantOut: []string{"1 of 1 well"}},
		{name: "an aspirin is care", args: []string{"--checks", file("[{key: a" + ill + "aspirin}]")}, wantStatus: 1, wantOut: []string{"  aspirin  Nothing: /no/such is not there\n           Make· it.\n"}},
		{name: "a splint", args: []string{"--checks", file("[{key: a" + ill + "splint}]")}, wantStatus: 1, wantOut: []string{"Needs care."}},
		{name: "dead", args: []string{"--checks", file("[" + well + ", {key: b" + ill + "dead}]")}, wantStatus: 2, wantOut: []string{"1 of 2 well, 1 dead. Dead on arrival."}},
		{name: "what would be looked at", args: []string{"--list", "--profile", "installer"}, wantOut: []string{"cpu", "dead", "Port 8773"}},
		{name: "no such file", args: []string{"--checks", "/no/such"}, wantStatus: 3, wantErr: "/no/such"},
		{name: "a file that is none", args: []string{"--checks", file("[{key: a, kind: x}]")}, wantStatus: 3, wantErr: "check 1 (a): There is no kind"},
		{name: "no such profile", args: []string{"--profile", "surgeon"}, wantStatus: 3, wantErr: "participant, installer"},
		{name: "no portal", args: []string{"--target", "x", "--portal", "http://127.0.0.1:1"}, wantStatus: 3, wantErr: "http://127.0.0.1:1 cannot be reached"},
		{name: "a report about nothing", args: []string{"--report"}, wantStatus: 3, wantErr: "--target or --session"},
		{name: "a report by nobody", args: []string{"--report", "--target", "x"}, wantStatus: 3, wantErr: "token with the scope preflight"},
		{name: "two plans at once", args: []string{"--target", "x", "--profile", "installer"}, wantStatus: 3, wantErr: "can't be used together"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			status := run(t.Context(), append([]string{"nurse"}, tt.args...), streams{strings.NewReader(tt.in), &out, &errs})
			if status != tt.wantStatus || !strings.Contains(errs.String(), tt.wantErr) {
				t.Errorf("status %d, want %d\n%s%s", status, tt.wantStatus, out.String(), errs.String())
			}
			for _, part := range tt.wantOut {
				if !strings.Contains(out.String(), part) {
					t.Errorf("%q is not in\n%s", part, out.String())
				}
			}
		})
	}
}

func TestNurseJSON(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	in := strings.NewReader("[{key: a, kind: env, name: HACKFEST_UNSET, title: A, severity: dead}]")
	if status := run(t.Context(), []string{"nurse", "--checks", "-", "--json"}, streams{in, &out, &errs}); status != 2 {
		t.Errorf("status %d: %s", status, errs.String())
	}
	var doc struct{ State string }
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil || doc.State != "dead" {
		t.Errorf("%v: %s", err, out.String())
	}
}
