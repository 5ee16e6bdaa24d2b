package nn

import "fmt"

// mostBytes is what a network may ask for where the machine's memory is not known.
const mostBytes = 64 << 30

// checkMemory refuses networks that the machine cannot hold, before the memory is asked for: running out of it would end
// the program.
func checkMemory(s *Summary, c Config) error {
	perSample, largest := int64(s.In.Size()), int64(s.In.Size())
	for _, r := range s.Rows {
		perSample += int64(r.Out.Size())
		largest = max(largest, int64(r.Out.Size()))
	}
	weights := int64(s.Total)
	if c.Objective.trains() {
		perSample += 2 * largest          // gradients share two places
		weights += 2 * int64(s.Trainable) // what most optimizers remember; gradients of large layers are never written out
	}
	activations := int64(c.Batch) * perSample
	limit := int64(mostBytes)
	if has := physicalMemory(); has > 0 {
		limit = has / 10 * 9
	}
	if need := 4 * (activations + weights); need > limit {
		cure := "use a smaller batch_size"
		if weights > activations {
			cure = "use smaller layers"
		}
		return fmt.Errorf("the network would need about %s of memory, the machine has %s; %s", gigabytes(need), gigabytes(limit), cure)
	}
	return nil
}

func gigabytes(n int64) string { return fmt.Sprintf("%.1f GB", float64(n)/(1<<30)) }
