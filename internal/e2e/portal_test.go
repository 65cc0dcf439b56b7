package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testport"
)

// patience is how long anything may take that is expected to happen. Figures
// that are promised are named where they are checked.
const patience = 60 * time.Second

// folder is where programs are built.
var folder = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "hackfest-e2e-") })

// binary builds the program once, for all tests.
var binary = sync.OnceValues(func() (string, error) { return build("hackfest") })

// clockBinary is the program that goes by a clock in a file.
var clockBinary = sync.OnceValues(func() (string, error) { return build("hackfest-testclock", "-tags", "testclock") })

func build(name string, flags ...string) (string, error) {
	dir, err := folder()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	build := exec.Command("go", append(append([]string{"build"}, flags...), "-o", path, "github.com/eucalyptus/hackfest/cmd/hackfest")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
}

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := folder(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// portal is a hackfest serve in a process of its own.
type portal struct {
	t       testing.TB
	env     []string
	addr    string
	cmd     *exec.Cmd
	exited  chan error
	logFile string
	client  http.Client
	program func() (string, error) // the one to run
}

// newPortal prepares a portal with the given settings ("NAME=value") beside a
// free address and a data directory of its own. start runs it.
func newPortal(t testing.TB, env ...string) *portal {
	t.Helper()
	dir, err := os.MkdirTemp("", "hf-")
	if err != nil {
		t.Fatal(err)
	}
	p := &portal{
		t: t, addr: testport.FreeAddress(t), logFile: filepath.Join(dir, "log"), program: binary,
		client: http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	p.env = append([]string{
		"HACKFEST_LISTEN=" + p.addr, "HACKFEST_DATA_DIR=" + filepath.Join(dir, "data"), "HACKFEST_LOG=json",
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir,
	}, env...)
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			log, _ := os.ReadFile(p.logFile)
			t.Logf("log of the portal:\n%s", tail(log, 6000))
		}
		os.RemoveAll(dir)
	})
	return p
}

// start runs the program and returns at once.
func (p *portal) start() {
	p.t.Helper()
	path, err := p.program()
	if err != nil {
		p.t.Fatal(err)
	}
	log, err := os.OpenFile(p.logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.cmd = exec.Command(path, "serve")
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, log, log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.exited = make(chan error, 1)
	go func(cmd *exec.Cmd, exited chan<- error) { exited <- cmd.Wait() }(p.cmd, p.exited)
}

// kill is kill -9.
func (p *portal) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may be gone
	<-p.exited
	p.cmd = nil
}

// stop asks the program to end and checks that it does so well.
func (p *portal) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case err := <-p.exited:
		if err != nil {
			p.t.Errorf("ended with %v after SIGTERM", err)
		}
		p.cmd = nil
	case <-time.After(patience):
		p.t.Fatal("still running long after SIGTERM")
	}
}

// get fetches a page; status 0 means that nobody answered.
func (p *portal) get(path string) (status int, body string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.addr+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(b) + res.Header.Get("Location")
}

// decode fetches JSON; false means that there is none now.
func (p *portal) decode(path string, v any) bool {
	p.t.Helper()
	status, body := p.get(path)
	if status != http.StatusOK {
		return false
	}
	if err := json.Unmarshal([]byte(body), v); err != nil {
		p.t.Fatalf("%s: %v\n%s", path, err, body)
	}
	return true
}

// health is what /healthz?verbose=1 tells; the zero health while nobody answers.
type health struct {
	Status     string
	Database   string
	DurableRef string `json:"durable_ref"`
	IRC        []struct {
		Network, State, Nick string
		Channels             []string
	}
}

func (p *portal) health() (h health) {
	p.decode("/healthz?verbose=1", &h)
	return h
}

// awaitBot waits until the bot is in channel of network.
func (p *portal) awaitBot(network, channel string) {
	p.t.Helper()
	eventually(p.t, "the bot is in "+channel, func() bool {
		for _, n := range p.health().IRC {
			if n.Network == network && slices.Contains(n.Channels, channel) {
				return true
			}
		}
		return false
	})
}

// line is a line as the API shows it.
type line struct {
	ID, Nick, Kind, Text string
	At                   time.Time
}

// lines returns the whole log of a channel, oldest first.
func (p *portal) lines(network, channel string) (all []line) {
	p.t.Helper()
	next := "/api/v1/channels/" + network + "/" + url.PathEscape(strings.TrimPrefix(channel, "#")) + "/lines?order=asc&limit=200"
	for next != "" {
		res, err := p.client.Get("http://" + p.addr + next)
		if err != nil {
			return nil
		}
		var page struct{ Items []line }
		err = json.NewDecoder(res.Body).Decode(&page)
		res.Body.Close()
		if res.StatusCode != http.StatusOK || err != nil {
			return nil
		}
		all = append(all, page.Items...)
		next = nextLink(res.Header)
	}
	return all
}

// nextLink reads the path of rel="next" from a Link header (RFC 8288).
func nextLink(h http.Header) string {
	for _, link := range h.Values("Link") {
		target, params, _ := strings.Cut(link, ">")
		if strings.Contains(params, `rel="next"`) {
			u, err := url.Parse(strings.TrimPrefix(target, "<"))
			if err != nil {
				return ""
			}
			return u.RequestURI()
		}
	}
	return ""
}

// minutes is the part of the minutes JSON that the tests look at.
type minutes struct {
	ID, Title, Channel, Network string
	EndedAt                     string `json:"ended_at"`
	Chairs                      []string
	Votes                       []struct {
		Options []struct {
			Option string
			Count  int
			Voters []string
		}
	}
	Topics []struct {
		Title string
		Items []struct {
			Kind, Text, Nick string
			Owners           []string
			Undone           bool
		}
	}
}

// texts lists the items that count, as "kind: text".
func (m minutes) texts() (list []string) {
	for _, topic := range m.Topics {
		for _, i := range topic.Items {
			if !i.Undone {
				list = append(list, i.Kind+": "+i.Text)
			}
		}
	}
	return list
}

// meetings returns the minutes of all meetings of a channel, oldest first.
func (p *portal) meetings(network, channel string) (all []minutes) {
	p.t.Helper()
	var page struct{ Items []struct{ ID string } }
	if !p.decode("/api/v1/meetings?channel="+url.QueryEscape(network+"/"+strings.TrimPrefix(channel, "#")), &page) {
		return nil
	}
	for _, item := range slices.Backward(page.Items) {
		var m minutes
		if !p.decode("/api/v1/meetings/"+item.ID, &m) {
			return nil
		}
		all = append(all, m)
	}
	return all
}

// eventually waits until done is true and fails the test when that takes too
// long.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !done() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("in vain: %s", what)
		}
	}
}

// within logs how long fn took beside the promised figure d, and fails the test
// where it took five times as long: tests share their machine.
func within(t testing.TB, d time.Duration, what string, fn func()) {
	t.Helper()
	begun := time.Now()
	fn()
	took := time.Since(begun)
	t.Logf("%s took %v of the promised %v", what, took.Round(time.Millisecond), d)
	if took > 5*d {
		t.Errorf("%s took %v, promised are %v", what, took.Round(time.Millisecond), d)
	}
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }
