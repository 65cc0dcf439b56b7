package meeting

// AgendaItem is one line of the agenda that was prepared for a session.
type AgendaItem struct {
	ID   int64  `json:"id"`
	Text string `json:"text"`
	From string `json:"from,omitempty"` // slug of the session it was carried over from; "" when it is new
}

// AgendaTaken means that an item of the prepared agenda became a topic or, when
// Undone, that this topic was taken back and the item is open again. Within one
// meeting the last one counts.
type AgendaTaken struct {
	ID     int64
	Undone bool
}

func (AgendaTaken) effect() {}
