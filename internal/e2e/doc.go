// Package e2e tests the program from outside, as reliability.md asks: the built
// binary in a process of its own, a real Postgres, a real IRC server, HTTP and
// signals. It holds nothing but tests and knows no other package of ours than
// those that start the real parts.
package e2e
