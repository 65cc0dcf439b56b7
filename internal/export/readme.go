package export

import (
	"fmt"
	"strings"
	"time"
)

// readme says to whoever opens the folder what is in it.
func readme(m Manifest) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `# A community, exported

Written by hackfest %s on %s. %s

**This is not for everybody.** It holds what is for members only: channels, sessions and meetings whose `+"`visibility`"+` is `+"`members`"+`,
lines with `+"`members_only`"+`, all lines of such channels, and the folder `+"`minutes-for-members`"+`. Of lines that were removed only the
mark is there, never the words. There are no passwords, tokens or sign-ins.

To bring it into an empty portal: `+"`hackfest import export DIR`"+`.

## Files

- `+"`manifest.json`"+` lists all files with their size and SHA-256, and the tables.
- `+"`minutes`"+` are the minutes of each meeting that is over, by year and session, named after the meeting's id, as text, Markdown, JSON and HTML.
- `+"`lines/NETWORK/CHANNEL/YYYY-MM.jsonl`"+` are the channel logs, by the month of their refs in UTC.
- The other `+"`.jsonl`"+` files are one table each.

## Rows

In a `+"`.jsonl`"+` file each line is a JSON object in UTF-8. A field that is not there is empty, false, zero or none. Instants are RFC 3339
in UTC, wall times the same without a zone, lengths of time ISO 8601, bytes Base64. What other rows call a row is its key: a channel is
`+"`network/name`"+`, a session its slug; a row without a key is called by its number, from 1 on. A `+"`ref`"+` is the line of that ref, and
a meeting is called by the ref of its `+"`#startmeeting`"+` line.

| table | rows | key | what it is |
|---|---:|---|---|
`, m.Program, m.MadeAt.Format(time.RFC1123), privacy(m.Private))
	for _, t := range m.Tables {
		fmt.Fprintf(&b, "| %s | %d | %s | %s |\n", t.Name, t.Rows, t.Key, strings.ReplaceAll(t.About, "|", `\|`))
	}
	b.WriteString("\n## Fields\n\n")
	for _, t := range m.Tables {
		fmt.Fprintf(&b, "- %s: %s\n", t.Name, strings.Join(t.Fields, ", "))
	}
	return []byte(b.String())
}

func privacy(private bool) string {
	if private {
		return "Made with `--with-private`: it holds mail addresses, the audit log, keys of channels, and the key that tells removed lines when they are imported again. Keep it like a backup."
	}
	return "Made without `--with-private`: it holds no mail addresses."
}
