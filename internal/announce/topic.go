package announce

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// topicParts stand between the parts of a channel's topic.
const topicParts = " | "

// TopicPart is what a channel's topic says about the next session.
func TopicPart(s hackfest.Session, channel hackfest.ChannelID, base string) string {
	where := ""
	if s.ChannelID != channel {
		where = clean(s.Channel)
	}
	end := " · " + join(short(s.StartsAt, s.StartsAt, "UTC"), where, base+"/next")
	return "Next: " + strings.ReplaceAll(title(s.Title), topicParts, " / ") + end
}

// TopicWith is topic with part instead of old, which is what we put into it
// before; the rest, which others wrote, stays as it is. Where old is not there
// any more part comes last, unless it is there already. An empty part only takes
// old out.
func TopicWith(topic, old, part string) string {
	parts := strings.Split(topic, topicParts)
	if topic == "" {
		parts = nil
	}
	ours := func(from int) int { // how many of the parts from there on are ours
		for _, of := range []string{old, part} {
			n := strings.Count(of, topicParts) + 1
			if of != "" && from+n <= len(parts) && strings.Join(parts[from:from+n], topicParts) == of {
				return n
			}
		}
		return 0
	}
	var with []string
	placed := part == ""
	for i := 0; i < len(parts); i++ {
		n := ours(i)
		switch {
		case n == 0:
			with = append(with, parts[i])
		case !placed:
			with, placed = append(with, part), true
		}
		i += max(n-1, 0)
	}
	if !placed {
		with = append(with, part)
	}
	return strings.Join(with, topicParts)
}
