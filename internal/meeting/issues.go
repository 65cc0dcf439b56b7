package meeting

import (
	"slices"
	"strconv"
	"strings"
)

// noteIssues remembers the GitHub issues and pull requests that text names:
// owner/repo#12 and full URLs.
func (t *turn) noteIssues(text string) {
	if !strings.Contains(text, "#") && !strings.Contains(text, "github.com/") {
		return
	}
	for word := range strings.FieldsFuncSeq(text, endsWord) {
		issue, ok := ParseIssue(word)
		known := func(i Issue) bool { return i.Number == issue.Number && strings.EqualFold(i.Repo, issue.Repo) }
		if ok && !slices.ContainsFunc(t.s.Issues, known) {
			t.s.Issues = append(slices.Clip(t.s.Issues), issue)
		}
	}
}

// ParseIssue reads owner/repo#12, or the address of an issue or pull request on
// GitHub.
func ParseIssue(word string) (Issue, bool) {
	if issue, ok := issueURL(word); ok {
		return issue, true
	}
	return shortIssue(word)
}

func endsWord(r rune) bool { return r <= ' ' || strings.ContainsRune("()<>[]{},;\"'`|", r) }

// issueURL reads https://github.com/owner/repo/issues/12, or pull, with
// whatever follows the number.
func issueURL(word string) (Issue, bool) {
	scheme, path, ok := strings.Cut(word, "://")
	if !ok || !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "http") {
		return Issue{}, false
	}
	parts := strings.SplitN(path, "/", 6)
	if len(parts) < 5 || parts[3] != "issues" && parts[3] != "pull" {
		return Issue{}, false
	}
	if host := strings.ToLower(parts[0]); host != "github.com" && host != "www.github.com" {
		return Issue{}, false
	}
	return issue(parts[1], parts[2], leadingDigits(parts[4]))
}

// shortIssue reads owner/repo#12, with punctuation behind it.
func shortIssue(word string) (Issue, bool) {
	name, number, ok := strings.Cut(word, "#")
	if !ok {
		return Issue{}, false
	}
	owner, repo, ok := strings.Cut(name, "/")
	digits := leadingDigits(number)
	if !ok || strings.TrimRight(number[len(digits):], ".:!?") != "" {
		return Issue{}, false
	}
	return issue(owner, repo, digits)
}

// issue checks the parts by GitHub's rules for names.
func issue(owner, repo, digits string) (Issue, bool) {
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || len(digits) > 9 || owner == "" || len(owner) > 39 || repo == "" || len(repo) > 100 {
		return Issue{}, false
	}
	if owner[0] == '-' || strings.Trim(owner, nameChars) != "" || strings.Trim(repo, nameChars+"._") != "" || repo == "." || repo == ".." {
		return Issue{}, false
	}
	return Issue{Repo: owner + "/" + repo, Number: n}, true
}

const nameChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

func leadingDigits(s string) string {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	return s[:end]
}
