package web

// idempotencyKey is the header by which a program names a change it makes.
const idempotencyKey = "Idempotency-Key"
