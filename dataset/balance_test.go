package dataset

import (
	"maps"
	"testing"
)

// The weights are those of scikit-learn 1.9.1's compute_class_weight("balanced", classes=np.unique(y), y=y).
func TestBalancedWeights(t *testing.T) {
	for _, c := range []struct {
		counts []int
		want   map[int]float64
	}{
		{[]int{50, 50}, map[int]float64{0: 1, 1: 1}},
		{[]int{30, 70}, map[int]float64{0: 1.6666666666666667, 1: 0.7142857142857143}},
		{[]int{7, 9, 11}, map[int]float64{0: 1.2857142857142858, 1: 1, 2: 0.8181818181818182}},
		{[]int{5, 0, 1}, map[int]float64{0: 0.6, 2: 3}},
		{[]int{13}, map[int]float64{0: 1}},
		{[]int{3, 7, 123}, map[int]float64{0: 14.777777777777779, 1: 6.333333333333333, 2: 0.3604336043360434}},
	} {
		if got := BalancedWeights(c.counts); !maps.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.counts, got, c.want)
		}
	}
}

func TestUneven(t *testing.T) {
	for _, c := range []struct {
		counts            []int
		smallest, largest int
		uneven            bool
	}{
		{[]int{10, 10, 10}, 0, 0, false}, {[]int{10, 29}, 0, 1, false}, {[]int{10, 30}, 0, 1, true},
		{[]int{9, 0, 3, 3}, 2, 0, true}, {[]int{0, 4}, 1, 1, false}, {nil, -1, 0, false},
	} {
		if s, l, u := Uneven(c.counts); s != c.smallest || l != c.largest || u != c.uneven {
			t.Errorf("%v: %d, %d, %v", c.counts, s, l, u)
		}
	}
}
