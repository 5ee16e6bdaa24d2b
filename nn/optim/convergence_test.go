package optim

import (
	"math"
	"testing"
)

// quadratic is a bowl of condition 20 in four dimensions, its minimum 0 at (1, 2, 3, 4).
func quadratic(w, g []float32) float64 {
	sum := 0.0
	for i, c := range []float32{1, 20, 5, 10} {
		e := w[i] - float32(i+1)
		g[i] = c * e
		sum += float64(c*e*e) / 2
	}
	return sum
}

// rosenbrock is the banana-shaped valley, its minimum 0 at (1, 1).
func rosenbrock(w, g []float32) float64 {
	x, y := float64(w[0]), float64(w[1])
	g[0] = float32(-2*(1-x) - 400*x*(y-x*x))
	g[1] = float32(200 * (y - x*x))
	return (1-x)*(1-x) + 100*(y-x*x)*(y-x*x)
}

// Every optimizer walks into both minima, at rates that suit it.
func TestConvergence(t *testing.T) {
	cosine := func(rate, steps string) string {
		return "learning_rate: {cosine_decay: {initial_learning_rate: " + rate + ", decay_steps: " + steps + "}}"
	}
	problems := []struct {
		name  string
		f     func(w, g []float32) float64
		start []float32
		steps int
	}{
		{"quadratic", quadratic, []float32{-2, -2, -2, -2}, 4000},
		{"rosenbrock", rosenbrock, []float32{-1.2, 1}, 20000},
	}
	for _, c := range []struct{ quadratic, rosenbrock string }{
		{"{sgd: {learning_rate: 0.05}}", "{sgd: {learning_rate: 0.002}}"},
		{"{sgd: {learning_rate: 0.02, momentum: 0.9}}", "{sgd: {learning_rate: 0.001, momentum: 0.9}}"},
		{"{sgd: {learning_rate: 0.02, momentum: 0.9, nesterov: true}}", "{sgd: {learning_rate: 0.001, momentum: 0.9, nesterov: true}}"},
		{"{adagrad: {learning_rate: 1}}", "{adagrad: {learning_rate: 0.5}}"},
		{"{rmsprop: {" + cosine("0.05", "4000") + "}}", "{rmsprop: {" + cosine("0.01", "20000") + "}}"},
		{"{rmsprop: {momentum: 0.5, centered: true, " + cosine("0.02", "4000") + "}}", "{rmsprop: {momentum: 0.5, centered: true, " + cosine("0.002", "20000") + "}}"},
		{"{adam: {learning_rate: 0.05}}", "{adam: {learning_rate: 0.01}}"},
		{"{adam: {learning_rate: 0.05, amsgrad: true}}", "{adam: {learning_rate: 0.01, amsgrad: true}}"},
		{"{adamw: {learning_rate: 0.05, weight_decay: 0}}", "{adamw: {learning_rate: 0.01, weight_decay: 0}}"},
		{"{nadam: {learning_rate: 0.05}}", "{nadam: {learning_rate: 0.01}}"},
		{"{adamax: {learning_rate: 0.05}}", "{adamax: {learning_rate: 0.01}}"},
		{"{adadelta: {learning_rate: 1, epsilon: 0.001}}", "{adadelta: {learning_rate: {cosine_decay: {initial_learning_rate: 0.3, decay_steps: 20000}}, epsilon: 0.0001}}"},
	} {
		for i, text := range []string{c.quadratic, c.rosenbrock} {
			p := problems[i]
			x := Param{Name: "w", W: append([]float32(nil), p.start...), G: make([]float32, len(p.start))}
			s := New(must(t, text), []Param{x})
			first := p.f(x.W, x.G)
			for range p.steps {
				p.f(x.W, x.G)
				s.Step()
			}
			if last := p.f(x.W, x.G); !(last <= 1e-4*first) || math.IsNaN(last) {
				t.Errorf("%s: %s goes from %.3g to %.3g at %v", text, p.name, first, last, x.W)
			}
		}
	}
}
