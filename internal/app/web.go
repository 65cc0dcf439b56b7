package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/live"
	"github.com/eucalyptus/hackfest/internal/settings"
	"github.com/eucalyptus/hackfest/internal/shell"
	"github.com/eucalyptus/hackfest/web"
)

// requestsEnd is how long requests under way have to finish when we stop.
const requestsEnd = 2 * time.Second

// listen takes the address of the web server, before anything else is started
// that would have to be stopped again. An open port is filled in.
func listen(ctx context.Context, s *settings.Settings) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return nil, &fault.Error{
			Kind: fault.Invalid, Err: err,
			Message: fmt.Sprintf("Nothing can listen on %s; choose another address or port with --listen or HACKFEST_LISTEN.", s.Listen),
		}
	}
	s.Listen = l.Addr().String()
	if s.BaseURL == "" {
		s.BaseURL = settings.LocalURL(s.Listen)
	}
	return l, nil
}

// scriptsAtOnce is how many scripts bash reads at a time for whoever looks at
// recipes.
const scriptsAtOnce = 4

// webServer returns the server of all pages, or of operators' questions alone.
// It gets its store when that is prepared.
func (a *portal) webServer(hub *live.Hub) *web.Server {
	s := &web.Server{
		Live: hub, Now: a.Now, Log: a.Log.With("part", "web"),
		BaseURL: a.Settings.BaseURL, Community: a.Settings.Community, Zone: a.Settings.Zone.String(),
		Version: a.Version, Tzdata: a.Tzdata, Roles: a.Settings.Roles.Names(), OpsOnly: !a.Settings.Roles.Web, Prepared: a.prepared,
		Metrics: a.Settings.Metrics != settings.MetricsOff, Token: a.Settings.Token, Proxies: a.Settings.Proxies,
		CheckScript: shell.NewChecker(scriptsAtOnce).Check, GitHub: a.Settings.GitHub,
	}
	if a.Settings.Roles.Bot {
		s.Bot = a.botHealth
	}
	for _, x := range a.Settings.InForce() {
		s.Settings = append(s.Settings, web.Setting(x))
	}
	return s
}

// runWeb answers HTTP until ctx ends; then streams are ended and requests under
// way finished.
func (a *portal) runWeb(ctx context.Context, s *http.Server) error {
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(a.listener) }()
	a.Log.InfoContext(ctx, "listening", "address", a.Settings.Listen, "url", a.Settings.BaseURL)
	select {
	case err := <-ended:
		return fmt.Errorf("web server: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestsEnd)
	defer cancel()
	if err := s.Shutdown(last); err != nil {
		a.Log.Warn("requests cut off", "err", err)
		_ = s.Close() // the connections that are left
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
