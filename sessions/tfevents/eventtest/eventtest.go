// Package eventtest reads event files for tests, and takes no mistake in them.
package eventtest

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// Value is one value of one event.
type Value struct {
	Time    float64
	Step    int64
	Tag     string
	Plugin  string
	Floats  []float64 // of a scalar or a histogram
	Strings []string  // of a picture or a text
}

// Read reads a whole file.
func Read(t testing.TB, file []byte) []Value {
	t.Helper()
	var out []Value
	for n := 0; len(file) > 0; n++ {
		if len(file) < 16 {
			t.Fatalf("record %d is torn", n)
		}
		size := binary.LittleEndian.Uint64(file)
		if size > uint64(len(file)-16) {
			t.Fatalf("record %d is torn", n)
		}
		data := file[12 : 12+size]
		if binary.LittleEndian.Uint32(file[8:]) != masked(file[:8]) || binary.LittleEndian.Uint32(file[12+size:]) != masked(data) {
			t.Fatalf("record %d has a wrong checksum", n)
		}
		file = file[16+size:]
		event := fields(t, data)
		if version := event[3]; n == 0 {
			if len(version) != 1 || string(version[0].bytes) != "brain.Event:2" {
				t.Fatalf("the first record is %q", data)
			}
			continue
		}
		for _, summary := range event[5] {
			for _, v := range fields(t, summary.bytes)[1] {
				value := read(t, v.bytes)
				value.Time = math.Float64frombits(event[1][0].number)
				if step := event[2]; len(step) > 0 {
					value.Step = int64(step[0].number)
				}
				out = append(out, value)
			}
		}
	}
	return out
}

// read reads a Summary.Value.
func read(t testing.TB, message []byte) Value {
	t.Helper()
	m := fields(t, message)
	tensor := fields(t, m[8][0].bytes)
	v := Value{Tag: string(m[1][0].bytes), Plugin: string(fields(t, fields(t, m[9][0].bytes)[1][0].bytes)[1][0].bytes)}
	size := 1
	for _, d := range fields(t, tensor[2][0].bytes)[2] {
		size *= int(fields(t, d.bytes)[1][0].number)
	}
	switch kind := tensor[1][0].number; kind {
	case 1:
		for b := tensor[4][0].bytes; len(b) > 0; b = b[4:] {
			v.Floats = append(v.Floats, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
		}
	case 2:
		for b := tensor[4][0].bytes; len(b) > 0; b = b[8:] {
			v.Floats = append(v.Floats, math.Float64frombits(binary.LittleEndian.Uint64(b)))
		}
	case 7:
		for _, s := range tensor[8] {
			v.Strings = append(v.Strings, string(s.bytes))
		}
	default:
		t.Fatalf("%s has elements of kind %d", v.Tag, kind)
	}
	if len(v.Floats)+len(v.Strings) != size {
		t.Fatalf("%s has %d elements, its shape says %d", v.Tag, len(v.Floats)+len(v.Strings), size)
	}
	return v
}

type field struct {
	number uint64 // of a number
	bytes  []byte // of anything else
}

// fields are a message's by their numbers.
func fields(t testing.TB, m []byte) map[protowire.Number][]field {
	t.Helper()
	out := map[protowire.Number][]field{}
	for len(m) > 0 {
		number, kind, n := protowire.ConsumeTag(m)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		m = m[n:]
		var f field
		switch kind {
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(m)
		case protowire.Fixed64Type:
			f.number, n = protowire.ConsumeFixed64(m)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(m)
		default:
			t.Fatalf("a field of kind %d", kind)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		m = m[n:]
		out[number] = append(out[number], f)
	}
	return out
}

func masked(b []byte) uint32 {
	c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return (c>>15 | c<<17) + 0xa282ead8
}
