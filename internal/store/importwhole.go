package store

import (
	"slices"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// markWhole puts the marks of a meeting around the lines of a log in which nobody
// asked for one. It grows with what was brought in as a whole before and overlaps
// it. Lines of meetings of another kind are not taken from those: then there are
// no marks.
func (f *refolding) markWhole() error {
	if slices.ContainsFunc(f.lines, meeting.Starts) {
		return nil
	}
	begin, end := f.low, f.high
	for _, m := range f.known {
		if m.Ref.Compare(f.high) > 0 || !m.LastRef.IsZero() && m.LastRef.Compare(f.low) < 0 {
			continue
		}
		at := slices.IndexFunc(f.merged, func(l foldLine) bool { return l.Ref == m.Ref })
		if m.Fixed || at < 0 || !isOurs(f.merged[at].Line, wholeBeg) {
			return nil
		}
		if m.Ref.Compare(begin) < 0 {
			begin = m.Ref
		}
		if m.LastRef.Compare(end) > 0 {
			end = m.LastRef
		}
	}
	f.dropMarks(begin, end)
	if err := f.mark(begin, wholeBeg); err != nil {
		return err
	}
	return f.mark(end, wholeEnd)
}

// dropMarks takes out the marks of whole logs between those that begin or end it.
func (f *refolding) dropMarks(begin, end hackfest.Ref) {
	f.merged = slices.DeleteFunc(f.merged, func(l foldLine) bool {
		inside := l.Ref.Compare(begin) >= 0 && l.Ref.Compare(end) <= 0
		gone := inside && (isOurs(l.Line, wholeBeg) && l.Ref != begin || isOurs(l.Line, wholeEnd) && l.Ref != end)
		if gone {
			f.stale = append(f.stale, l.Ref)
		}
		return gone
	})
}

// mark puts a mark before or behind line ref, unless it is one.
func (f *refolding) mark(ref hackfest.Ref, text string) error {
	at := slices.IndexFunc(f.merged, func(l foldLine) bool { return l.Ref == ref })
	if at < 0 || isOurs(f.merged[at].Line, text) {
		return nil
	}
	said := f.merged[at].At
	if text == wholeEnd {
		at++
	}
	var prev, next hackfest.Ref
	if at > 0 {
		prev = f.merged[at-1].Ref
	}
	if at < len(f.merged) {
		next = f.merged[at].Ref
	}
	c, err := f.own(prev, next, said, text)
	if err != nil {
		return err
	}
	f.merged = slices.Insert(f.merged, at, foldLine{c, true})
	return nil
}
