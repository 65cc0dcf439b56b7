package main

import (
	"context"
	"fmt"

	"github.com/eucalyptus/hackfest/internal/person"
)

// adminToken is hackfest admin token.
type adminToken struct {
	Add adminTokenAdd `cmd:"" help:"Make a token for the API and print it, once."`
}

// Help is what follows the flags.
func (adminToken) Help() string {
	return `People make their own tokens on the web, under settings, and revoke all of theirs there. A token may never
do more than its person may at that moment, and nothing outside of its scopes.`
}

type adminTokenAdd struct {
	Name  string         `arg:"" help:"What its person is called on the portal."`
	Scope []person.Scope `help:"What it may be used for: read, chair, maintain, preflight; may be given more than once." enum:"read,chair,maintain,preflight" required:""`
	For   string         `help:"What it is for, as its person sees it in their settings." default:"command line"`
	Days  int            `help:"For how many days it is good; 0 is until revoked." default:"0"`
	atPortal
}

// Run makes the token.
func (c adminTokenAdd) Run(ctx context.Context, s streams) error {
	k, err := c.keeper(s)
	if err != nil {
		return err
	}
	token, err := k.AddToken(ctx, c.Name, person.Token{Name: c.For, Scopes: c.Scope}, c.Days)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, token)
	return err
}
