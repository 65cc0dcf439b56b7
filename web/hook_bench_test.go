package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// Deliveries of real size about one registered repository, sixteen at a time: 99 of
// 100 are to be answered within 500 ms.
func BenchmarkHook(b *testing.B) {
	s := testServer(store.New(testdb.New(b)))
	s.GitHub = ghsync.Access{HookSecret: hookSecret}
	if _, err := s.Store.AddRepository(b.Context(), "Codertocat/Hello-World", person.Public, wednesday); err != nil {
		b.Fatal(err)
	}
	var opened []byte
	for _, x := range testgithub.Examples(b) {
		if x.Event == "issues" && bytes.Contains(x.Payload, []byte(`"action":"opened"`)) || opened == nil && x.Event == "issues" {
			opened = x.Payload
		}
	}
	srv := httptest.NewServer(s.Routes())
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var n atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	b.SetParallelism(8)
	b.SetBytes(int64(len(opened)))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			d := payload(strconv.FormatInt(n.Add(1), 10), "issues", string(opened))
			start := time.Now()
			w, err := client.Do(d.Request(srv.URL + hookPath))
			if err != nil {
				b.Error(err)
				return
			}
			var answer strings.Builder
			_ = w.Write(&answer) // to memory
			mu.Lock()
			took = append(took, time.Since(start))
			mu.Unlock()
			if w.StatusCode != http.StatusAccepted || !strings.Contains(answer.String(), `"received"`) {
				b.Errorf("%d %s", w.StatusCode, answer.String())
			}
		}
	})
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "deliveries/s")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
