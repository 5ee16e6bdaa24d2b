package kernel

import (
	"math"
	"testing"
)

// TestExpTanhSigmoid compares every 1000th float32 with float64 functions.
func TestExpTanhSigmoid(t *testing.T) {
	worst := map[string]float64{}
	for b := uint64(0); b < 1<<32; b += 1009 {
		x := math.Float32frombits(uint32(b))
		if x != x {
			continue
		}
		for name, f := range map[string]struct {
			got  float32
			want float64
		}{"exp": {Exp(x), math.Exp(float64(x))}, "tanh": {Tanh(x), math.Tanh(float64(x))}, "sigmoid": {Sigmoid(x), 1 / (1 + math.Exp(-float64(x)))}} {
			if f.want < 2e-38 || f.want > math.MaxFloat32 { // below the smallest normal number, or above the largest
				if name == "tanh" && math.Abs(float64(f.got)-f.want) > 1e-7 || f.want > math.MaxFloat32 && !math.IsInf(float64(f.got), 1) || f.want >= 0 && f.want < 2e-38 && f.got > 2.4e-38 {
					t.Fatalf("%s(%v) is %v, want %v", name, x, f.got, f.want)
				}
				continue
			}
			worst[name] = math.Max(worst[name], math.Abs(float64(f.got)/f.want-1))
		}
	}
	for name, w := range worst {
		if w > 3e-7 {
			t.Errorf("%s is off by %.2g, relative", name, w)
		}
	}
}

func TestNotFinite(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, f := range map[string]func(float32) float32{"exp": Exp, "tanh": Tanh, "sigmoid": Sigmoid} {
		if v := f(nan); v == v {
			t.Errorf("%s(NaN) is %v", name, v)
		}
	}
	if Exp(inf) != inf || Exp(-inf) != 0 || Tanh(inf) != 1 || Tanh(-inf) != -1 || Sigmoid(inf) != 1 || Sigmoid(-inf) != 0 {
		t.Error("an infinity is not taken to the limit")
	}
	// A diverged network must show: no activation may hide a NaN.
	z, y := []float32{nan, 1}, make([]float32, 2)
	for name, f := range map[string]func(y, z []float32){"relu": Relu, "leaky": func(y, z []float32) { LeakyRelu(y, z, .1) }, "elu": func(y, z []float32) { Elu(y, z, 1, 1) },
		"gelu": Gelu, "gelu tanh": GeluTanh, "silu": Silu, "softplus": Softplus, "sigmoid": SigmoidAll, "tanh": TanhAll, "softmax": func(y, z []float32) { Softmax(y, z, 2) }} {
		f(y, z)
		if y[0] == y[0] {
			t.Errorf("%s of NaN is %v", name, y[0])
		}
	}
	g := Window{H: 2, W: 2, C: 1, KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, OH: 1, OW: 1}
	g.MaxPool(y[:1], nil, []float32{1, nan, 5, 2})
	if y[0] == y[0] {
		t.Errorf("the maximum with NaN is %v", y[0])
	}
}

// TestLargeSoftmax: logits that overflow e^z still give probabilities.
func TestLargeSoftmax(t *testing.T) {
	y := make([]float32, 3)
	Softmax(y, []float32{1000, 1001, -1000}, 3)
	if math.Abs(float64(y[0])-0.26894142) > 1e-6 || math.Abs(float64(y[1])-0.73105858) > 1e-6 || y[2] != 0 {
		t.Errorf("got %v", y)
	}
}
