package recipe

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/shell"
)

const bash, cloud = hackfest.RecipeBash, hackfest.RecipeCloudInit

// names lists variables as "NAME=default".
func names(list []Variable) string {
	var words []string
	for _, v := range list {
		word := v.Name + "=" + v.Default
		if v.Computed != "" {
			word = v.Name + "~" + v.Computed
		}
		if v.Required {
			word = v.Name + "!"
		}
		if v.Hint != "" {
			word += " (" + v.Hint + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, " | ")
}

func TestVariables(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, source, want string
		kind               hackfest.RecipeKind
	}{
		{"none", "#!/bin/bash\nyum -y install bind\n", "", bash},
		{"own default", "#!/bin/bash\nset -eu\nDOMAIN=\"${DOMAIN:-cloud.example.org}\"\nMIRROR=${MIRROR:-}\n", "DOMAIN=cloud.example.org | MIRROR=", bash},
		{"literals at the top", "#!/bin/sh\nA=1\nB='two words'\nexport C=\"3\"\nreadonly D=/x\n", "A=1 | B=two words | C=3 | D=/x", bash},
		{"comments are hints", "#!/bin/sh\n# Where to\n# serve it.\nA=1\nB=2 # and this\n\n# about nothing\n\nC=3\n", "A=1 (Where to serve it.) | B=2 (and this) | C=3", bash},
		{"behind the first command", "A=1\necho hello\nB=2\n", "A=1", bash},
		{"for one command only", "A=1\nB=2 make install\nC=3\n", "A=1", bash},
		{"two on a line", "A=1; B=2\nC=3\n", "", bash},
		{"computed", "A=1\nHOST=$(hostname -f)\nX=\"a $(echo \"b c\") d\"\nY=`date`\nZ=2\n", "A=1 | Z=2", bash},
		{"computed unless given", "A=\"${A:-$(hostname -i)}\"\n", "A~$(hostname -i)", bash},
		{"set twice", "A=1\nA=2\nB=3\n", "B=3", bash},
		{"ensured", ": \"${A:=one}\"\n: ${B:?a name is needed}\n", "A=one | B! (a name is needed)", bash},
		{"from the environment, deep inside", "echo hello\nif true; then\n  curl ${MIRROR:-http://m.example}/x\nfi\n", "MIRROR=http://m.example", bash},
		{"set by the script itself", "echo hello\nMIRROR=$(pick)\ncurl ${MIRROR:-x}\nfor HOST in a b; do echo ${HOST:-y}; done\n", "", bash},
		{"in a comment", "echo\n# ${MIRROR:-x}\n", "", bash},
		{"the machine's", "PATH=/bin\nDEBIAN_FRONTEND=noninteractive\nA=1\necho ${HOME:-/root}\n", "A=1", bash},
		{"what the shell reckons out or follows", "A=1\ndeclare -i N=5\nB=2\n", "A=1", bash},
		{"what is kept from change", "declare -r -x A=1\ntypeset -rx B=2\n", "A=1 | B=2", bash},
		{"a list", "A=(a b c)\nB=1\n", "B=1", bash},
		{"no end", "A=\"unclosed\n", "", bash},
		{"several lines", "A='one\ntwo'\nB=1\n", "A=one\ntwo | B=1", bash},
		{"carriage returns", "#!/bin/sh\r\nA=1\r\nB=2\r\n", "A=1 | B=2", bash},
		{"not closed in braces", "A=${A:-x\nB=1\n", "", bash},
		{"cloud-config", "#cloud-config\nhostname: broker\n# Who may come in.\nfqdn: \"a.example.org\" # all of it\npackages:\n  - bind\nmanage_etc_hosts: true\n", "hostname=broker | fqdn=a.example.org (all of it) | manage_etc_hosts=true", cloud},
		{"a value on two lines", "#cloud-config\nmotd: one\n  two\nhostname: x\n", "hostname=x", cloud},
		{"the same name twice", "#cloud-config\nhostname: x\nhostname: y\n", "hostname=x | hostname=y", cloud},
		{"no kind of ours", "class x {}\n", "", hackfest.RecipePuppet},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := names(Variables(tt.kind, tt.source)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// hostile are values that end a word, begin a command or are hard to carry.
var hostile = []string{
	"plain", "", " ", "two words", "it's", `"`, `""'"'`, `\`, `\\n`, "$(touch /tmp/zz)", "`id`", "$HOME", "${PATH}", "$'x'", "a;b", "a&b", "a|b", "a\nb", "'\n'", "\n\n",
	"\n#!/bin/sh", "~", "~root", "*", "{a,b}", "-n", "--", "!x", "#x", "a #x", "é", "日本", "\t", "'; exit 1; '", "%s", "x=y", "\u202e\u2028", "$", "a'b'c", "EOF\n", strings.Repeat("'", 900),
}

// run runs a script and returns what it prints.
func run(t *testing.T, script string) string {
	t.Helper()
	var out, errs bytes.Buffer
	c := exec.Command("bash", "--norc", "-s")
	c.Env = []string{"PATH=/usr/bin:/bin", "HOME=/nowhere"}
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(script), &out, &errs
	if err := c.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, errs.String(), script)
	}
	return out.String()
}

// What was typed is what the script has, whatever it is, wherever its place is;
// nothing of it is run, and bash can read the file.
func TestRenderedShell(t *testing.T) {
	t.Parallel()
	const source = "#!/bin/bash\n# A recipe.\nset -eu\nDOMAIN=\"${DOMAIN:-cloud.example.org}\"\nDISK='8 GB' # of the node\nexport SIZE=\"small\"\nBARE=x\n" +
		"show() { printf '%s\\0' \"$@\"; }\nshow \"$DOMAIN\" \"$DISK\" \"$SIZE\" \"$BARE\" \"${LATER:-none}\"\n"
	list := Variables(bash, source)
	if got := names(list); got != "DOMAIN=cloud.example.org | DISK=8 GB (of the node) | SIZE=small | BARE=x | LATER=none" {
		t.Fatal(got)
	}
	for _, value := range hostile {
		values := map[string]string{}
		for _, v := range list {
			values[v.Name] = value
		}
		script, err := Render(bash, source, values)
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		if problem, err := shell.Check(t.Context(), script); err != nil || problem != "" {
			t.Errorf("%q: bash -n says %q, %v", value, problem, err)
		}
		want := strings.Join([]string{value, value, value, value, value}, "\x00") + "\x00"
		if value == "" {
			want = "cloud.example.org\x00\x00\x00\x00none\x00"
		}
		if got := run(t, script); got != want {
			t.Errorf("%q: the script has %q\n%s", value, got, script)
		}
	}
	if got, err := Render(bash, source, nil); err != nil || got != source {
		t.Errorf("nothing is set and the file is another: %v\n%s", err, got)
	}
	same := map[string]string{"DOMAIN": "cloud.example.org", "DISK": "8 GB", "SIZE": "small", "BARE": "x", "LATER": "none", "OTHER": "y"}
	if got, err := Render(bash, source, same); err != nil || got != source {
		t.Errorf("all is as it was and the file is another: %v\n%s", err, got)
	}
}

func TestRenderAtEdges(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, source string
		values       map[string]string
		want         string
		kind         hackfest.RecipeKind
	}{
		{"no first line to stand behind", "echo ${A:-1}", map[string]string{"A": "2"}, "export A=2\necho ${A:-1}", bash},
		{"nothing but the first line", "#!/bin/bash # ${A:-1}", map[string]string{"A": "2"}, "#!/bin/bash # ${A:-1}", bash},
		{"no end of the first line", "#!/bin/sh", nil, "#!/bin/sh", bash},
		{"a computed default that is left alone", "A=\"${A:-$(date)}\"\n", map[string]string{"A": ""}, "A=\"${A:-$(date)}\"\n", bash},
		{"carriage returns of a form", "#!/bin/sh\nA=1\n", map[string]string{"A": "x\r\ny"}, "#!/bin/sh\nA='x\ny'\n", bash},
		{"cloud-config, plain stays plain", "#cloud-config\nhostname: a # x\nn: 1\n", map[string]string{"hostname": "b-2", "n": "22"}, "#cloud-config\nhostname: b-2 # x\nn: 22\n", cloud},
		{"cloud-config, a word that is no text", "#cloud-config\nhostname: a\n", map[string]string{"hostname": "no"}, "#cloud-config\nhostname: \"no\"\n", cloud},
		{"cloud-config, text where there was a number", "#cloud-config\nn: 1\n", map[string]string{"n": "x"}, "#cloud-config\nn: \"x\"\n", cloud},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := Render(tt.kind, tt.source, tt.values); err != nil || got != tt.want {
				t.Errorf("%v, got\n%s\nwant\n%s", err, got, tt.want)
			}
		})
	}
}

func TestRenderedCloudConfig(t *testing.T) {
	t.Parallel()
	const source = "#cloud-config\nhostname: broker\nfqdn: 'a.example.org'\npackages:\n - bind\nruncmd:\n - [ sh, -c, \"echo x\" ]\n"
	for _, value := range hostile {
		got, err := Render(cloud, source, map[string]string{"hostname": value, "fqdn": value})
		if err != nil {
			t.Errorf("%q: %v", value, err)
			continue
		}
		if err := CheckCloudConfig(got); err != nil {
			t.Errorf("%q: %v\n%s", value, err, got)
		}
		if s := scalars(got); s["hostname"] != value || s["fqdn"] != value || len(s) != 2 {
			t.Errorf("%q became %q in\n%s", value, s, got)
		}
	}
}

func TestValuesThatAreRefused(t *testing.T) {
	t.Parallel()
	const source = "#!/bin/sh\nA=1\n: ${B:?needed}\n"
	for _, tt := range []struct {
		name, field string
		values      map[string]string
	}{
		{"zero byte", "set.A", map[string]string{"A": "a\x00b", "B": "x"}},
		{"escape", "set.A", map[string]string{"A": "a\x1b[31m", "B": "x"}},
		{"no UTF-8", "set.A", map[string]string{"A": "a\xff", "B": "x"}},
		{"too long", "set.A", map[string]string{"A": strings.Repeat("x", maxValue+1), "B": "x"}},
		{"needed", "set.B", map[string]string{"A": "1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Render(bash, source, tt.values)
			all := fault.All(err)
			if fault.KindOf(err) != fault.Invalid || len(all) != 1 || all[0].Field != tt.field {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCheckCloudConfig(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, source string
		ok           bool
	}{
		{"good", "#cloud-config\na: 1\nb: 2\n", true},
		{"one setting", "#cloud-config\na: 1\n", true},
		{"no first line", "a: 1\n", false},
		{"a list", "#cloud-config\n- a\n", false},
		{"nothing", "#cloud-config\n", false},
		{"two documents", "#cloud-config\na: 1\n---\nb: 2\n", false},
		{"not closed", "#cloud-config\na: \"1\nb: 2\n", false},
		{"many anchors", "#cloud-config\na: &a [x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c]\n", true},
		{"deep", "#cloud-config\na: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n", true},
		{"too deep", "#cloud-config\na: " + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + "\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := CheckCloudConfig(tt.source); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The commands reach the programs with the arguments they are meant to have:
// both are run, with programs in their place that show what they were given.
func TestStartCommands(t *testing.T) {
	t.Parallel()
	const stubs = "show() { printf '%s\\0' \"$@\"; printf '\\n'; }\n" +
		"euca-run-instances() { show \"$@\"; }; euca-authorize() { show \"$@\"; }; aws() { show \"$@\"; }\nEC2_URL='http://cloud.example:8773/services/Eucalyptus'; IMAGE=emi-typed\n"
	for _, value := range hostile {
		if value == "" || strings.HasPrefix(value, "-") {
			continue // the form refuses these
		}
		s := Start{File: "broker.sh", Image: "emi-27F73C1A", Type: "m1.xlarge", Key: value, Group: value, Ports: hackfest.Ports{{From: 22, To: 22, Protocol: "tcp"}, {From: 8000, To: 8010, Protocol: "udp"}}}
		open, start := s.Euca2ools()
		got := run(t, stubs+open+start)
		want := "-P\x00tcp\x00-p\x0022\x00-s\x000.0.0.0/0\x00" + value + "\x00\n-P\x00udp\x00-p\x008000-8010\x00-s\x000.0.0.0/0\x00" + value + "\x00\n" +
			"-t\x00m1.xlarge\x00-g\x00" + value + "\x00-k\x00" + value + "\x00-f\x00broker.sh\x00emi-27F73C1A\x00\n"
		if got != want {
			t.Errorf("%q: euca2ools got %q\n%s", value, got, open+start)
		}
		open, start = s.AWS()
		got = run(t, stubs+open+start)
		own := "--endpoint-url\x00http://cloud.example:8773/services/Eucalyptus\x00ec2\x00"
		want = own + "authorize-security-group-ingress\x00--group-name\x00" + value + "\x00--protocol\x00tcp\x00--port\x0022\x00--cidr\x000.0.0.0/0\x00\n" +
			own + "authorize-security-group-ingress\x00--group-name\x00" + value + "\x00--protocol\x00udp\x00--port\x008000-8010\x00--cidr\x000.0.0.0/0\x00\n" +
			own + "run-instances\x00--image-id\x00emi-27F73C1A\x00--instance-type\x00m1.xlarge\x00--security-groups\x00" + value + "\x00--key-name\x00" + value + "\x00--user-data\x00file://broker.sh\x00\n"
		if got != want {
			t.Errorf("%q: aws got %q\n%s", value, got, open+start)
		}
	}
	_, start := Start{File: "x", Key: "me", Group: "default"}.AWS()
	if got := run(t, stubs+start); !strings.Contains(got, "--image-id\x00emi-typed\x00--security-groups") {
		t.Errorf("without an image: %q", got)
	}
	_, start = Start{File: "x", Image: "ami-0abcdef1234567890", Key: "me", Group: "default"}.AWS()
	if strings.Contains(start, "endpoint") {
		t.Errorf("on AWS itself: %s", start)
	}
}

func TestQuoteIsShort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"m1.xlarge": "m1.xlarge", "a b": "'a b'", "": "''", "it's": `'it'\''s'`, "file://x.sh": "file://x.sh", "~": "'~'"} {
		if got := Quote(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
