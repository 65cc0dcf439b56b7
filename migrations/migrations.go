// Package migrations embeds the numbered SQL files that make the schema. They
// only ever go forward, in steps small enough that the program before and the
// program after can both live with them. internal/store applies them.
package migrations

import "embed"

// FS holds the *.sql files, in goose's format.
//
//go:embed *.sql
var FS embed.FS
