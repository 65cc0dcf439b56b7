package ical

import "time"

// Touched reports whether between two instants the clocks of zone are changed
// while something goes on that begins at a time of day, or just as it ends. Then
// its times come twice on some day, or not at all, or it lasts longer or shorter
// by the clock. clock is the time since midnight.
func Touched(zone *time.Location, clock, length time.Duration, from, to time.Time) bool {
	const day = 24 * time.Hour
	for at, ok := nextChange(from.In(zone)); ok && at.Before(to); at, ok = nextChange(at) {
		c := changeTo(at)
		first, over := c.wall(), time.Duration(c.to-c.from)*time.Second
		if over < 0 {
			first, over = first.Add(over), -over
		}
		change := first.Sub(first.Truncate(day)) // Truncate counts from a midnight in UTC, as which wall is given
		if (clock-change+day)%day < over || (change-clock+day)%day <= length {
			return true
		}
	}
	return false
}
