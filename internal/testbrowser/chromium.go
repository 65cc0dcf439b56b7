package testbrowser

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// shared is the Chromium of this test program.
var shared chromium

// chromium runs while it has users.
type chromium struct {
	mu    sync.Mutex
	users int
	ctx   context.Context //nolint:containedctx // chromedp keeps the browser in it
	stop  func()
	idle  []window // that Used takes
}

// window is a tab without a test.
type window struct {
	ctx context.Context //nolint:containedctx // chromedp keeps the tab in it
	end func()
}

// needless is what Chromium would do for people: show popups, translate, keep a
// process ready for the next page and the page before in memory.
const needless = "Translate,BlinkGenPropertyTrees,WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess,BackForwardCache"

// Hold keeps Chromium running until t ends, for the tests within it.
func Hold(t testing.TB) {
	t.Helper()
	path := locate(t)
	if err := shared.join(path); err != nil {
		t.Fatal("Chromium does not start: ", err)
	}
	t.Cleanup(shared.leave)
}

// join makes one more user, for the first of whom the browser is started.
func (c *chromium) join(path string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.users == 0 {
		options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
			chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-features", needless),
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
		alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, end := chromedp.NewContext(alloc)
		if err := chromedp.Do(ctx); err != nil {
			end()
			stop()
			return err
		}
		c.ctx, c.stop = ctx, func() { end(); stop() }
	}
	c.users++
	return nil
}

// leave stops the browser when the last user is gone.
func (c *chromium) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.users--; c.users == 0 {
		c.idle = nil
		c.stop()
	}
}

// window returns a tab for t, one that another test had if used is true and
// there is one.
func (c *chromium) window(t testing.TB, used bool) window {
	t.Helper()
	Hold(t)
	c.mu.Lock()
	browser, n := c.ctx, len(c.idle)
	if used && n > 0 {
		w := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.mu.Unlock()
		return w
	}
	c.mu.Unlock()
	ctx, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	must(t, chromedp.Do(ctx))
	_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	must(t, err)
	_, err = chromedp.Call(ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Berlin"})
	must(t, err)
	return window{ctx, end}
}

// keep takes a tab back for the next test, and reports whether it could be
// emptied.
func (c *chromium) keep(w window) bool {
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
	defer cancel()
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{}); err != nil {
		return false
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		return false
	}
	for _, empty := range []cdp.Command[cdp.Empty, cdp.Empty]{network.ClearBrowserCookies, network.ClearBrowserCache} {
		if _, err := chromedp.Call(ctx, empty, cdp.Empty{}); err != nil {
			return false
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, w)
	return true
}

// locate finds Chromium. It ends t without one.
func locate(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "needs Chromium: apt-get install chromium")
	return ""
}

// missing ends t for want of something that is not installed.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}
