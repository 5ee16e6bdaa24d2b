package figure

import (
	"math"
	"testing"
	"time"
)

func TestFigures(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Thousands(0), "0"}, {Thousands(999), "999"}, {Thousands(839107), "839,107"}, {Thousands(-1234567), "-1,234,567"},
		{SI(0), "0"}, {SI(999), "999"}, {SI(1000), "1k"}, {SI(1234), "1.23k"}, {SI(418176), "418k"}, {SI(999999), "1.00M"}, {SI(23_000_000), "23M"}, {SI(9.994e6), "9.99M"},
		{SI(12_345_678_901), "12.3G"}, {SI(5e15), "5000T"},
		{Bytes(12), "12 B"}, {Bytes(3_200_000), "3.20 MB"},
		{Short(.8461), ".846"}, {Loss(.8461), ".846"}, {Loss(4.6e-4), "5e-04"}, {Loss(0), ".000"}, {Short(-.5), "-.500"}, {Short(0), ".000"}, {Short(.9997), "1.00"}, {Short(12.34), "12.3"}, {Short(12345), "1.23e+04"}, {Short(math.NaN()), "NaN"}, {Short(math.Inf(1)), "+Inf"},
		{Percent(.974), "97%"}, {Percent(.05), "5.0%"}, {Percent(0), "0%"}, {Percent(1), "100%"},
		{Clock(42 * time.Second), "0:42"}, {Clock(3723 * time.Second), "1:02:03"}, {Clock(59600 * time.Millisecond), "1:00"},
		{Shape([]int{22, 22, 32}), "22×22×32"}, {Shape([]int{0, 4}), "?×4"}, {Shape(nil), "1"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
