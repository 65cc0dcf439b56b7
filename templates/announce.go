package templates

import "github.com/eucalyptus/hackfest/templates/ui"

// announcePath is where a form about news is sent; the path of something new is "".
func announcePath(path string) string {
	if path == "" {
		return "/manage/announce"
	}
	return path
}

// outletChoices are the outlets that can be chosen.
func outletChoices() []ui.Choice {
	return []ui.Choice{{Value: "mail", Text: "Mail to who follows"}, {Value: "irc", Text: "A line on IRC"}, {Value: "topic", Text: "The topic of channels"}}
}
