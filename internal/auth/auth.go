// Package auth finds out who somebody is: by a password, by a link that works
// once, or by the sign-in their browser keeps. It decides who they are, never
// what they may do; that is person.Can's. It writes no pages, sends no mail and
// says nothing on IRC.
//
// Ways to sign in that lead through another site (GitHub, OpenID Connect) belong
// here too, one file each: they end, as the others do, in Signins.Begin.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
	"time"
)

// How long links work, by who asked for them.
const (
	LinkTime      = 15 * time.Minute // by mail or on IRC
	AdminLinkTime = 24 * time.Hour   // made by an admin, who has yet to hand it over
	DemoLinkTime  = time.Hour        // printed by hackfest demo
	MailTime      = 24 * time.Hour   // to prove that a mail address is one's own
	ClaimTime     = 10 * time.Minute // to say a code to the bot
)

// secretBytes is the size of what stands in links: 256 bits.
const secretBytes = 32

// NewSecret draws what stands in a link, and what is kept of it.
func NewSecret() (secret string, hash []byte) {
	b := make([]byte, secretBytes)
	_, _ = rand.Read(b) // never fails
	secret = base64.RawURLEncoding.EncodeToString(b)
	return secret, HashSecret(secret)
}

// HashSecret is what is kept of a secret or a code: its SHA-256. That is enough
// for what cannot be guessed.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// codeSigns are the signs of codes: none that looks or sounds like another.
const codeSigns = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength gives 39 bits: with ten minutes and a limit on tries, plenty.
const codeLength = 8

// NewCode draws a code that people type, as in "K7QM-2XDF", and what is kept of
// it.
func NewCode() (code string, hash []byte) {
	var b strings.Builder
	for i := range codeLength {
		if i == codeLength/2 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(codeSigns))))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		b.WriteByte(codeSigns[n.Int64()])
	}
	return b.String(), HashCode(b.String())
}

// HashCode is what is kept of a code, however it was typed: in small letters,
// with blanks or without its dash.
func HashCode(typed string) []byte {
	return HashSecret(strings.Map(func(c rune) rune {
		if c == '-' || c == ' ' {
			return -1
		}
		return c
	}, strings.ToUpper(typed)))
}
