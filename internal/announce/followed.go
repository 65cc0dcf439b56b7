package announce

import "github.com/eucalyptus/hackfest/internal/hackfest"

// Followed names what is followed, one line each. zone is the IANA name of the zone
// that its reader reads times in; "" is each session's own.
func Followed(list []hackfest.Follow, community, zone string) []string {
	p := &page{reader: Reader{Zone: zone}}
	var names []string
	for _, f := range list {
		names = append(names, p.followed(f, community))
	}
	return names
}

func (p *page) followed(f hackfest.Follow, community string) string {
	switch f.Scope {
	case hackfest.FollowAll:
		return "everything at " + community
	case hackfest.FollowNews:
		return "the news of " + community
	case hackfest.FollowSeries:
		return "the series " + clean(f.Title)
	case hackfest.FollowTarget:
		return "the target " + clean(f.Title)
	}
	return "the session " + clean(f.Title) + ", " + p.at(f.StartsAt, f.Zone)
}
