// Package ghsync keeps repositories on GitHub in step with what is known of them
// here: it takes GitHub's signed webhooks, asks GitHub's API with conditional
// requests within its limits, and writes issues there that somebody confirmed.
// What is known stands in Postgres, so every page renders while GitHub is away.
package ghsync

// Access is how GitHub is reached and what it is told about us. The zero value
// is github.com without a token: it can be asked, slowly, and told nothing.
type Access struct {
	API          string // base of the REST API, with a slash at the end
	Web          string // base of GitHub's pages, without one
	Token        string // "" asks without one; a secret
	HookSecret   string // webhooks are signed with it; "" takes none; a secret
	ClientID     string // of the OAuth app people sign in with; "" offers no such sign-in
	ClientSecret string // a secret
	Calls        *Tally // counts calls; nil counts none
}

// PublicAPI is the base of the API of github.com.
const PublicAPI = "https://api.github.com/"
