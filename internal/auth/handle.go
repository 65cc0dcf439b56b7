package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// handleMAC is the length of the proof in a signed handle: 128 bits.
const handleMAC = 16

// SignHandle makes the secret part of a link that is in every mail to somebody and
// is stored nowhere: a handle, by which the store knows them, and proof that
// whoever has key made it.
func SignHandle(key, handle []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(append([]byte(nil), handle...), proof(key, handle)...))
}

// ReadHandle returns the handle in what SignHandle made with the same key; nil
// when it is anything else.
func ReadHandle(key []byte, signed string) []byte {
	b, err := base64.RawURLEncoding.Strict().DecodeString(signed)
	if err != nil || len(b) <= handleMAC {
		return nil
	}
	handle, mac := b[:len(b)-handleMAC], b[len(b)-handleMAC:]
	if !hmac.Equal(mac, proof(key, handle)) {
		return nil
	}
	return handle
}

func proof(key, handle []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("unsubscribe\x00"))
	h.Write(handle)
	return h.Sum(nil)[:handleMAC]
}
