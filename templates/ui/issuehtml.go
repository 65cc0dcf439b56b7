package ui

import (
	"context"
	"io"
	"strings"

	"golang.org/x/net/html"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// writeHTML copies source token by token. Texts become words, and links that lead
// to issues get their state.
func writeHTML(ctx context.Context, w io.Writer, in issuesIn, source string) error {
	z := html.NewTokenizer(strings.NewReader(source))
	code, href, within := 0, "", false
	for {
		kind := z.Next()
		if kind == html.ErrorToken { // the end: what is read is in memory
			return nil
		}
		raw := string(z.Raw())
		if kind == html.TextToken && code == 0 && !within && hackfest.MayNameIssues(raw) {
			if err := writeWords(ctx, w, html.UnescapeString(raw)); err != nil {
				return err
			}
			continue
		}
		if _, err := io.WriteString(w, raw); err != nil {
			return err
		}
		if kind != html.StartTagToken && kind != html.EndTagToken {
			continue
		}
		switch t := z.Token(); {
		case t.Data == "code" && kind == html.StartTagToken:
			code++
		case t.Data == "code":
			code--
		case t.Data == "a" && kind == html.StartTagToken:
			href, within = attribute(t, "href"), true
		case t.Data == "a":
			within = false
			if err := StateOfLink(href).Render(ctx, w); err != nil {
				return err
			}
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
