package command

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"
)

func TestBench(t *testing.T) {
	d := newDesk(t)
	got := objects(t, d.must("bench", "lenet5", "lstm-rows", "--seconds", "0.02", "--batch", "4", "--threads", "1", "--json"))
	if len(got) != 2 || got[0]["net"] != "lenet5" || got[1]["net"] != "lstm-rows" {
		t.Fatalf("printed %v", got)
	}
	for _, key := range []string{"peer", "net", "batch", "threads", "layout", "images_per_s", "best_images_per_s", "isa", "peak_gflops", "share"} {
		if _, ok := got[0][key]; !ok || len(got[0]) != 10 {
			t.Errorf("%s is missing among %v", key, got[0])
		}
	}
	if r, best := got[0]["images_per_s"].(float64), got[0]["best_images_per_s"].(float64); r <= 0 || best < r {
		t.Errorf("%v images a second, at best %v", r, best)
	}
	if got := lines(d.must("bench", "gemm", "--seconds", "0.001", "--threads", "1")); len(got) != 9 || !strings.Contains(got[4], "288x64x12800 A^T") {
		t.Errorf("bench gemm prints %q", got)
	}
	if got := lines(d.must("bench", "lecture-cnn", "--seconds", "0.001", "--batch", "1", "--threads", "1", "--convolution", "im2col")); len(got) != 1 {
		t.Errorf("bench by im2col prints %q", got)
	}
	if got := d.run("bench", "lenet5", "--convolution", "fft"); got.code != exitUsage || !strings.Contains(got.err, "auto, im2col") {
		t.Errorf("another algorithm: %+v", got)
	}
	d.untouched()
}

// The figures are those that the other frameworks' measurements count with.
func TestTrainingFLOP(t *testing.T) {
	for name, want := range map[string]float64{"lecture-cnn": 50.83, "lenet5": 2.26, "keras-mnist": 71.57, "vgg-small": 231.6, "mlp": 3.21, "bn-net": 15.93, "lstm-rows": 3.56} {
		for _, n := range benchNets {
			if n.name != name {
				continue
			}
			r, err := (&Program{threads: 1}).measure(context.Background(), n, 1, "auto", time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.flop / 1e6; math.Abs(got-want) > .006*math.Max(1, want/100) {
				t.Errorf("%s: %.3f MFLOP, want %.2f", name, got, want)
			}
		}
	}
}
