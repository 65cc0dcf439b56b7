package spool

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// A record is a mark, the payload's length and a CRC-32C over length and
// payload (both little-endian), then the payload: a hackfest.Line as JSON.
//
// JSON is UTF-8, in which the bytes of the mark never occur, so behind damaged
// bytes the next mark is the next record, whatever was damaged.
const (
	markLen   = 4
	headerLen = markLen + 4 + 4
	maxRecord = 4 << 20 // of payload; the longest line IRC sends us is a thousandth of it
)

var (
	mark       = []byte{0xff, 'H', 'F', 0xfe}
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// encode returns l as a record.
func encode(l hackfest.Line) ([]byte, error) {
	payload, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("spool: encode line: %w", err)
	}
	if len(payload) > maxRecord {
		return nil, fmt.Errorf("spool: a line of %d bytes is too long", len(payload))
	}
	record := make([]byte, headerLen, headerLen+len(payload))
	copy(record, mark)
	binary.LittleEndian.PutUint32(record[markLen:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(record[markLen+4:], checksum(record[markLen:markLen+4], payload))
	return append(record, payload...), nil
}

func checksum(length, payload []byte) uint32 {
	return crc32.Update(crc32.Checksum(length, castagnoli), castagnoli, payload)
}

// state of what stands at the beginning of some bytes.
type found uint8

const (
	whole found = iota // a good record
	short              // the beginning of a record; the rest is missing
	bad                // no record, or a damaged one
)

// decode reads the record at the beginning of data and returns its length with
// header. length is only meaningful when the record is whole.
func decode(data []byte) (l hackfest.Line, length int, f found) {
	if n := min(len(data), markLen); !bytes.Equal(data[:n], mark[:n]) {
		return l, 0, bad
	}
	if len(data) < headerLen {
		return l, 0, short
	}
	size := binary.LittleEndian.Uint32(data[markLen:])
	if size > maxRecord {
		return l, 0, bad
	}
	length = headerLen + int(size)
	if len(data) < length {
		return l, 0, short
	}
	payload := data[headerLen:length]
	if binary.LittleEndian.Uint32(data[markLen+4:]) != checksum(data[markLen:markLen+4], payload) {
		return l, 0, bad
	}
	if err := json.Unmarshal(payload, &l); err != nil || l.Ref.IsZero() {
		return hackfest.Line{}, 0, bad
	}
	return l, length, whole
}

// hole is a stretch of bytes in which no record could be read.
type hole struct {
	off, length int64
	torn        bool // the beginning of a record at the very end: a write that was cut off
}

// scan calls good for every whole record in data, in order, and returns what
// lies between them.
func scan(data []byte, good func(l hackfest.Line, off int64, length int)) []hole {
	var holes []hole
	for off := 0; off < len(data); {
		l, length, f := decode(data[off:])
		if f == whole {
			good(l, int64(off), length)
			off += length
			continue
		}
		next := nextMark(data, off+1)
		h := hole{off: int64(off), length: int64(next - off), torn: f == short && next == len(data)}
		if n := len(holes); n > 0 && holes[n-1].off+holes[n-1].length == h.off {
			holes[n-1].length += h.length
			holes[n-1].torn = false
		} else {
			holes = append(holes, h)
		}
		off = next
	}
	return holes
}

// nextMark returns where the next mark begins at or after from, else the end.
func nextMark(data []byte, from int) int {
	if i := bytes.Index(data[from:], mark); i >= 0 {
		return from + i
	}
	return len(data)
}
