package dataset

// BalancedWeights are the weights by which every class counts alike, however many samples it has: n/(k*count) for a class
// with count of the n samples, k being the number of classes that have any. That is scikit-learn's
// compute_class_weight("balanced"). A class without samples has no weight.
func BalancedWeights(counts []int) map[int]float64 {
	n, k := 0, 0
	for _, c := range counts {
		if c > 0 {
			n += c
			k++
		}
	}
	weights := make(map[int]float64, k)
	for class, c := range counts {
		if c > 0 {
			weights[class] = float64(n) / float64(k*c)
		}
	}
	return weights
}

// WeightOf is what the samples of a class weigh: 1 where nothing is said of it.
func WeightOf(weights map[int]float64, class int) float64 {
	if w, ok := weights[class]; ok {
		return w
	}
	return 1
}

// unevenFrom is how many times the samples of the smallest class the largest one has before it is worth a remark: a
// network that always answers the larger of two such classes is right three times out of four.
const unevenFrom = 3

// Uneven finds the smallest class that has samples and the largest one, and reports whether they are so far apart that a
// network may do well by knowing the large ones only. Of several alike it is the first.
func Uneven(counts []int) (smallest, largest int, uneven bool) {
	smallest = -1
	for class, c := range counts {
		if c > counts[largest] {
			largest = class
		}
		if c > 0 && (smallest < 0 || c < counts[smallest]) {
			smallest = class
		}
	}
	return smallest, largest, smallest >= 0 && counts[largest] >= unevenFrom*counts[smallest]
}
