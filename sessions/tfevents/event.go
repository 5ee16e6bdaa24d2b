package tfevents

import (
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Event is what was measured at a step.
type Event struct {
	Time   time.Time
	Step   int64
	Values []Value
}

// Fields of the message Event.
const (
	eventWallTime    = 1
	eventStep        = 2
	eventFileVersion = 3
	eventSummary     = 5
	eventSource      = 10
)

// AppendVersion appends the record that every file begins with.
func AppendVersion(to []byte, at time.Time) []byte {
	m := appendTime(nil, at)
	m = appendString(m, eventFileVersion, "brain.Event:2")
	m = appendMessage(m, eventSource, appendString(nil, 1, "cnnbench"))
	return appendRecord(to, m)
}

// Append appends the event's record.
func (e *Event) Append(to []byte) []byte {
	m := appendTime(nil, e.Time)
	if e.Step != 0 { // as everywhere in protocol buffers, 0 is what is not there
		m = protowire.AppendVarint(protowire.AppendTag(m, eventStep, protowire.VarintType), uint64(e.Step))
	}
	var summary []byte
	for _, v := range e.Values {
		summary = appendMessage(summary, 1, v.message)
	}
	return appendRecord(to, appendMessage(m, eventSummary, summary))
}

// appendTime appends seconds since 1970.
func appendTime(m []byte, at time.Time) []byte {
	seconds := float64(at.UnixMicro()) / 1e6
	return protowire.AppendFixed64(protowire.AppendTag(m, eventWallTime, protowire.Fixed64Type), math.Float64bits(seconds))
}

func appendString(m []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(m, field, protowire.BytesType), s)
}

func appendMessage(m []byte, field protowire.Number, inner []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), inner)
}

func appendInt(m []byte, field protowire.Number, i int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), uint64(i))
}
