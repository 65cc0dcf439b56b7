package chart

import (
	"fmt"
	"time"
)

// Geometry of the sparkline: its height, and the most minutes it shows.
const (
	SparkHeight  = 32
	SparkMinutes = 60
	sparkFull    = 30 // height of the busiest minute
	sparkFewest  = 20 // minutes there is room for at least; a younger meeting begins further right
)

// SparkBar is one minute of a Spark.
type SparkBar struct {
	Span
	Y, Height int
	Now       bool // the last minute
}

// Spark is the sparkline of a live page: messages a minute over the last hour.
// Without Bars there was too little to draw.
type Spark struct {
	Bars    []SparkBar
	Talking int // people who said something in that time
	Label   string
}

// NewSpark draws what was said, up to now, in a meeting that began at start.
// talking is how many people said it.
func NewSpark(start, now time.Time, said []Minute, talking int) Spark {
	if from := now.Add(-SparkMinutes * time.Minute); start.Before(from) {
		start = from
	}
	start = start.Truncate(time.Minute)
	counts := perStep(start, now, said, time.Minute)
	s := Spark{Talking: talking}
	peak, _ := top(counts)
	if len(counts) < MinPoints {
		s.Label = fmt.Sprintf("%s so far", capital(Count(sum(said), "message", "messages")))
		return s
	}
	step := 100 / float64(max(len(counts), sparkFewest))
	for i, n := range counts {
		height := 0
		if n > 0 {
			height = max(2, sparkFull*n/peak)
		}
		s.Bars = append(s.Bars, SparkBar{
			Span: Span{X: Percent(100 - step*float64(len(counts)-i)), Width: Percent(step * .72)},
			Y:    SparkHeight - height, Height: height, Now: i == len(counts)-1,
		})
	}
	s.Label = fmt.Sprintf("Messages a minute over the last %d minutes: %s in the last minute, %s talking",
		len(counts), Count(counts[len(counts)-1], "message", "messages"), Count(talking, "person", "people"))
	return s
}
