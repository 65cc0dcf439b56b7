package web

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
)

// figures are the numbers of /metrics that other parts know. They are read when
// somebody asks; only what is about GitHub asks Postgres, and not for long. No label names a person; labels
// of networks are as many as the settings name.
type figures struct{ s *Server }

// botFigure is one number about the bot.
type botFigure struct {
	name, help string
	kind       prometheus.ValueType
	of         func(BotHealth) float64
}

// networkFigure is one number about the bot on one network.
type networkFigure struct {
	name, help string
	kind       prometheus.ValueType
	of         func(NetworkHealth) float64
}

const (
	gauge   = prometheus.GaugeValue
	counter = prometheus.CounterValue
)

var botFigures = []botFigure{
	{"hackfest_lines_received_total", "Lines heard in logged channels since the start.", counter, func(b BotHealth) float64 { return float64(b.Lines.Received) }},
	{"hackfest_lines_durable_total", "Lines safe on disk since the start, those about gaps included.", counter, func(b BotHealth) float64 { return float64(b.Lines.Durable) }},
	{"hackfest_lines_stored_total", "Lines stored in Postgres since the start, those of before included.", counter, func(b BotHealth) float64 { return float64(b.Lines.Stored) }},
	{"hackfest_lines_lost_total", "Lines the spool had no room for since the start.", counter, func(b BotHealth) float64 { return float64(b.Lines.Lost) }},
	{"hackfest_lines_ignored_total", "Lines of channels that are not logged since the start.", counter, func(b BotHealth) float64 { return float64(b.Lines.Ignored) }},
	{"hackfest_private_messages_total", "Messages to the bot alone since the start; they are not kept.", counter, func(b BotHealth) float64 { return float64(b.Lines.Private) }},
	{"hackfest_answers_total", "Answers, notices and topics the bot has said since the start.", counter, func(b BotHealth) float64 { return float64(b.Lines.Said) }},
	{"hackfest_store_retries_total", "Questions of the bot to Postgres that had to be put again since the start.", counter, func(b BotHealth) float64 { return float64(b.Lines.Retries) }},
	{"hackfest_spool_bytes", "Size of the spool on disk and in memory.", gauge, func(b BotHealth) float64 { return float64(b.SpoolBytes) }},
	{"hackfest_spool_waiting_lines", "Lines that are not safe on disk yet.", gauge, func(b BotHealth) float64 { return float64(b.SpoolWaiting) }},
	{"hackfest_spool_age_seconds", "Age of the oldest line that is not in Postgres; 0 when all are.", gauge, func(b BotHealth) float64 { return b.SpoolAge.Seconds() }},
	{"hackfest_spool_damaged", "Damaged stretches of the spool that were kept aside.", gauge, func(b BotHealth) float64 { return float64(b.SpoolAside) }},
	{"hackfest_spool_writable", "1 while the spool can be written.", gauge, func(b BotHealth) float64 { return oneIf(b.SpoolError == "") }},
	{"hackfest_bot_leader", "1 while this process is the one bot of its database.", gauge, func(b BotHealth) float64 { return oneIf(b.Leader) }},
	{"hackfest_bot_database_away", "1 while Postgres does not answer the bot.", gauge, func(b BotHealth) float64 { return oneIf(b.DatabaseAway != nil) }},
}

var networkFigures = []networkFigure{
	{"hackfest_irc_online", "1 while the bot is registered on the network.", gauge, func(n NetworkHealth) float64 { return oneIf(n.State == "online") }},
	{"hackfest_irc_connects_total", "Times the bot registered on the network since the start; all but the first are reconnects.", counter, func(n NetworkHealth) float64 { return float64(n.Connects) }},
	{"hackfest_irc_failures", "Attempts to connect that failed in a row.", gauge, func(n NetworkHealth) float64 { return float64(n.Attempts) }},
	{"hackfest_irc_channels", "Channels the bot is in.", gauge, func(n NetworkHealth) float64 { return float64(len(n.Channels)) }},
	{"hackfest_irc_channels_absent", "Channels the bot should be in and is not.", gauge, func(n NetworkHealth) float64 { return float64(len(n.Absent)) }},
	{"hackfest_irc_last_line_timestamp_seconds", "When the last line came, in Unix time; 0 before the first.", gauge, func(n NetworkHealth) float64 {
		if n.LastLineAt == nil {
			return 0
		}
		return float64(n.LastLineAt.UnixMilli()) / 1000
	}},
	{"hackfest_irc_dropped_total", "Lines of the bot's own thrown away since the start, because too many waited.", counter, func(n NetworkHealth) float64 { return float64(n.Dropped) }},
	{"hackfest_irc_panics_total", "Panics of the IRC library that were recovered from since the start.", counter, func(n NetworkHealth) float64 { return float64(n.Panics) }},
}

// Describe describes nothing: which figures there are depends on the roles.
func (figures) Describe(chan<- *prometheus.Desc) {}

// Collect reads all figures.
func (f figures) Collect(out chan<- prometheus.Metric) {
	put := func(name, help string, kind prometheus.ValueType, value float64, labels ...string) {
		var names, values []string
		for i := 0; i+1 < len(labels); i += 2 {
			names, values = append(names, labels[i]), append(values, labels[i+1])
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, names, nil), kind, value, values...)
	}
	put("hackfest_build_info", "Always 1; the labels say what runs.", gauge, 1, "version", f.s.Version, "goversion", runtime.Version())
	put("hackfest_streams", "Live streams open now.", gauge, float64(f.s.seats.open()))
	if f.s.isPrepared() && f.s.Store != nil {
		f.database(out, put)
		f.github(put)
	}
	if f.s.Bot == nil {
		return
	}
	health := f.s.Bot()
	for _, b := range botFigures {
		put(b.name, b.help, b.kind, b.of(health))
	}
	for _, n := range health.Networks {
		for _, figure := range networkFigures {
			put(figure.name, figure.help, figure.kind, figure.of(n), "network", n.Network)
		}
	}
}

// database puts what the pool of connections knows.
func (f figures) database(out chan<- prometheus.Metric, put func(name, help string, kind prometheus.ValueType, value float64, labels ...string)) {
	u := f.s.Store.Usage()
	put("hackfest_database_connections", "Connections to Postgres now, by what they do.", gauge, float64(u.Busy), "state", "busy")
	put("hackfest_database_connections", "Connections to Postgres now, by what they do.", gauge, float64(u.Idle), "state", "idle")
	put("hackfest_database_connections_max", "Connections to Postgres that the pool may have.", gauge, float64(u.Max))
	put("hackfest_database_waits_total", "Times that somebody had to wait for a free connection.", counter, float64(u.Waits))
	put("hackfest_database_wait_seconds_total", "Time spent waiting for a free connection.", counter, u.Waited.Seconds())
	put("hackfest_database_query_failures_total", "Queries that failed, refused ones included.", counter, float64(u.Failed))
	buckets := make(map[float64]uint64, len(u.Buckets))
	for i, n := range u.Buckets {
		buckets[u.Bounds[i].Seconds()] = n
	}
	out <- prometheus.MustNewConstHistogram(
		prometheus.NewDesc("hackfest_database_query_seconds", "How long queries took.", nil, nil),
		u.Queries, u.Took.Seconds(), buckets)
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
