package announce

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/markdown"
)

// NewsRoom is how many bytes a line with news may have: it fits a line of any
// network, whatever the channel and we are called.
const NewsRoom = maxLine

// NewsLine is what is said of news on IRC, and what there was no room for.
type NewsLine struct {
	Text  string // the line; it ends with the address of the page
	Bytes int    // of the line as it would be with room for all
	Kept  string // the part of the words that is said, without the sign of a cut
	Rest  string // the part that is not; "" when all is said
	End   string // what comes behind the words
}

// Cut reports whether something had to be left out.
func (l NewsLine) Cut() bool { return l.Rest != "" }

// News announces n, as one line. base is the portal's URL without a slash at the
// end.
func News(n hackfest.News, base string) string { return NewsLineOf(n, base).Text }

// NewsLineOf is News with what was left out.
func NewsLineOf(n hackfest.News, base string) NewsLine {
	words := "News: " + clean(n.Title)
	if s := NewsSummary(n); s != "" && s != clean(n.Title) {
		words = strings.TrimRight(words, ".:") + ": " + s
	}
	l := NewsLine{End: " · " + NewsURL(n, base)}
	l.Bytes = len(words) + len(l.End)
	said := cut(words, max(NewsRoom-len(l.End), 20))
	l.Text, l.Kept = said+l.End, said
	if said != words {
		l.Kept = strings.TrimSuffix(said, "…")
		l.Rest = strings.TrimPrefix(words, l.Kept)
	}
	return l
}

// NewsSummary is n in a sentence: what its author wrote for that, else how the
// text begins.
func NewsSummary(n hackfest.News) string {
	if s := clean(n.Summary); s != "" {
		return s
	}
	return clean(markdown.Lead(n.Body))
}

// NewsTopic is what the topic of a channel says of n: a part of it, see TopicWith.
func NewsTopic(n hackfest.News, base string) string {
	return "News: " + strings.ReplaceAll(title(n.Title), topicParts, " / ") + " · " + NewsURL(n, base)
}

// NewsURL is where n is read.
func NewsURL(n hackfest.News, base string) string { return base + "/news/" + n.Slug }

// NewsTextOf is n as a letter shows it.
func NewsTextOf(n hackfest.News, base string) NewsText {
	return NewsText{Title: n.Title, URL: NewsURL(n, base), Text: markdown.TextAt(n.Body, base), HTML: markdown.HTMLAt(n.Body, base)}
}
