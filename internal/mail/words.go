package mail

import (
	"fmt"
	"time"
)

// SigninLink is the mail with a link that signs somebody in.
func SigninLink(to, name, community, link string, at time.Time) Message {
	return Message{To: to, At: at, Subject: "Sign in to " + community, Text: fmt.Sprintf(`Hello %s,

this link signs you in to %s. It works once, for 15 minutes:

%s

If you did not ask for it, do nothing. Nobody is signed in without the link.
`, name, community, link)}
}

// ProveMail is the mail with a link that proves that an address is somebody's.
func ProveMail(to, name, community, link string, at time.Time) Message {
	return Message{To: to, At: at, Subject: "Is this your address? " + community, Text: fmt.Sprintf(`Hello,

%s says on %s that this is their mail address. If that is you, open this within 24 hours,
in a browser in which you are signed in:

%s

If it is not you, do nothing. No further mail is sent here then.
`, name, community, link)}
}

// ProposalLink is the mail with a link that puts on the board what somebody
// without an account proposes.
func ProposalLink(to, name, community, link string, at time.Time) Message {
	return Message{To: to, At: at, Subject: "Propose " + name + "? " + community, Text: fmt.Sprintf(`Hello,

somebody proposed on %s, with this mail address, to get this to run:

  %s

If that was you, open this within 24 hours and confirm it:

%s

If it was not you, do nothing. Nothing is kept then, and no further mail comes of it.
`, community, name, link)}
}
