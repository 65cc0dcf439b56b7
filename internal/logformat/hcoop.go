package logformat

import (
	"encoding/json"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// hcoopMeeting is as much of HcoopMeetbot's .log.json as a log needs.
type hcoopMeeting struct {
	Network  string            `json:"network"`
	Channel  string            `json:"channel"`
	Messages []json.RawMessage `json:"messages"`
}

// hcoopRows are the messages, numbered from 1, behind one of where they were
// said.
func hcoopRows(doc document) []row {
	var all strings.Builder
	cp1252 := false
	for _, r := range doc.rows {
		all.WriteString(r.text)
		all.WriteByte('\n')
		cp1252 = cp1252 || r.cp1252
	}
	var m hcoopMeeting
	if json.Unmarshal([]byte(all.String()), &m) != nil || m.Messages == nil {
		return nil
	}
	where, err := json.Marshal(hcoopMeeting{Network: m.Network, Channel: m.Channel})
	if err != nil {
		return nil
	}
	rows := []row{{0, string(where), cp1252}}
	for i, message := range m.Messages {
		rows = append(rows, row{i + 1, string(message), cp1252})
	}
	return rows
}

// parseHcoop reads one message.
func parseHcoop(r row) (entry, bool) {
	if r.number == 0 {
		var m hcoopMeeting
		if json.Unmarshal([]byte(r.text), &m) != nil {
			return entry{}, false
		}
		e := entry{sure: true, channel: channelName(m.Channel)}
		if isHost(strings.ToLower(m.Network)) {
			e.network = m.Network
		}
		return e, true
	}
	var m struct {
		Sender    string `json:"sender"`
		Payload   string `json:"payload"`
		Action    bool   `json:"action"`
		Timestamp string `json:"timestamp"`
	}
	if json.Unmarshal([]byte(r.text), &m) != nil {
		return entry{}, false
	}
	when, ok := readISO(m.Timestamp)
	if !ok {
		return entry{}, false
	}
	kind := hackfest.Message
	if m.Action {
		kind = hackfest.Act
	}
	return speech(kind, m.Sender, oneLine(m.Payload)).at(when)
}
