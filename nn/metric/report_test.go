package metric

import (
	"math"
	"testing"
)

// The scores are what scikit-learn 1.9's classification_report prints into a dict.
func TestReport(t *testing.T) {
	for _, c := range []struct {
		yTrue, yPred    []int
		classes         int
		accuracy        float64
		want            map[int]Score
		macro, weighted Score
	}{
		{[]int{0, 1, 2, 2, 2, 1, 0, 0, 1, 2}, []int{0, 2, 2, 2, 1, 1, 0, 1, 1, 2}, 3, .7,
			map[int]Score{
				0: {1.0, 0.6666666666666666, 0.8, 3},
				1: {0.5, 0.6666666666666666, 0.5714285714285714, 3},
				2: {0.75, 0.75, 0.75, 4},
			},
			Score{0.75, 0.6944444444444443, 0.7071428571428572, 10}, Score{0.75, 0.7, 0.7114285714285715, 10}},
		// Class 2 and 5 occur nowhere, class 4 only as an answer.
		{[]int{0, 0, 1, 1, 3, 3, 3}, []int{0, 1, 1, 4, 3, 0, 3}, 6, 0.5714285714285714,
			map[int]Score{
				0: {0.5, 0.5, 0.5, 2},
				1: {0.5, 0.5, 0.5, 2},
				3: {1.0, 0.6666666666666666, 0.8, 3},
				4: {0.0, 0.0, 0.0, 0},
			},
			Score{0.5, 0.41666666666666663, 0.45, 7}, Score{0.7142857142857143, 0.5714285714285714, 0.6285714285714287, 7}},
		{[]int{0, 0, 0}, []int{1, 1, 1}, 2, 0,
			map[int]Score{0: {0, 0, 0, 3}, 1: {0, 0, 0, 0}},
			Score{0, 0, 0, 3}, Score{0, 0, 0, 3}},
		{nil, nil, 2, 0, nil, Score{}, Score{}},
	} {
		m := NewConfusion(c.classes)
		for i := range c.yTrue {
			m.Add(c.yTrue[i], c.yPred[i])
		}
		r := m.Report()
		if !near(r.Accuracy, c.accuracy) {
			t.Errorf("accuracy %v, want %v", r.Accuracy, c.accuracy)
		}
		for k := range c.classes {
			want, present := c.want[k]
			if r.Present[k] != present || !nearScore(r.Classes[k], want) {
				t.Errorf("class %d: %+v present %v, want %+v %v", k, r.Classes[k], r.Present[k], want, present)
			}
		}
		if !nearScore(r.Macro, c.macro) || !nearScore(r.Weighted, c.weighted) {
			t.Errorf("averages %+v %+v, want %+v %+v", r.Macro, r.Weighted, c.macro, c.weighted)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-15 }

func nearScore(a, b Score) bool {
	return near(a.Precision, b.Precision) && near(a.Recall, b.Recall) && near(a.F1, b.F1) && a.Support == b.Support
}

func TestConfusion(t *testing.T) {
	m := NewConfusion(3)
	for _, p := range [][2]int{{0, 0}, {0, 1}, {0, 1}, {0, 2}, {2, 1}} {
		m.Add(p[0], p[1])
	}
	if m.At(0, 1) != 2 || m.At(1, 0) != 0 || m.At(2, 1) != 1 {
		t.Errorf("counts %v", m.Counts)
	}
	if m.Support(0) != 4 || m.Support(1) != 0 || m.Predicted(1) != 3 {
		t.Errorf("support %d %d, predicted %d", m.Support(0), m.Support(1), m.Predicted(1))
	}
	if m.Share(0, 1) != .5 || m.Share(1, 0) != 0 {
		t.Errorf("shares %v %v", m.Share(0, 1), m.Share(1, 0))
	}
	defer func() {
		if recover() == nil {
			t.Error("class 3 of 3 was counted")
		}
	}()
	m.Add(0, 3)
}
