package settings

import (
	"net/mail"
	"reflect"
	"strings"
	"testing"

	mailer "github.com/eucalyptus/hackfest/internal/mail"
)

func TestMail(t *testing.T) {
	t.Parallel()
	from := mail.Address{Name: "Hackfest", Address: "hackfest@example.org"}
	for _, tt := range []struct {
		name, smtp string
		want       *mailer.Server
	}{
		{"none", "", nil},
		{"with STARTTLS", "smtp://u:p%40ss@mail.example.org", &mailer.Server{Host: "mail.example.org", Port: 587, User: "u", Password: "p@ss", From: from}},
		{"TLS from the start", "smtps://u:p@mail.example.org", &mailer.Server{Host: "mail.example.org", Port: 465, TLS: true, User: "u", Password: "p", From: from}},
		{"a relay", "smtp://mail.example.org/", &mailer.Server{Host: "mail.example.org", Port: 25, From: from}},
		{"on this machine", "smtp://u:p@[::1]:2525", &mailer.Server{Host: "::1", Port: 2525, User: "u", Password: "p", From: from, Insecure: true}},
	} {
		env := map[string]string{"HACKFEST_SMTP": tt.smtp, "HACKFEST_MAIL_FROM": "Hackfest <hackfest@example.org>"}
		s, err := given(env).Settings(machine(env))
		if err != nil || !reflect.DeepEqual(s.Mail, tt.want) {
			t.Errorf("%s: %+v, %v", tt.name, s.Mail, err)
		}
		if warned := strings.Contains(strings.Join(s.Warnings, " "), "no mail is sent"); warned != (tt.want == nil) {
			t.Errorf("%s: %q", tt.name, s.Warnings)
		}
	}
}

// Passwords in the clear are warned of, unless they stay on this machine.
func TestUnencryptedPortal(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"http://hack.example.org": true, "https://hack.example.org": false, "http://127.0.0.1:8080": false,
		"http://localhost": false, "http://[::1]:80": false, "http://192.168.1.4": true,
	} {
		env := map[string]string{"HACKFEST_BASE_URL": url}
		s, err := given(env).Settings(machine(env))
		if err != nil || strings.Contains(strings.Join(s.Warnings, " "), "unencrypted") != want {
			t.Errorf("%s: %q, %v", url, s.Warnings, err)
		}
	}
}
