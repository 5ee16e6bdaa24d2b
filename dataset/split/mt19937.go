package split

// mt19937 is the generator behind NumPy's RandomState (Matsumoto and Nishimura, "Mersenne Twister", 1998), with the
// draws that scikit-learn's splits make of it.
type mt19937 struct {
	state [624]uint32
	next  int
}

// newMT starts the generator as RandomState(seed) does (init_genrand).
func newMT(seed uint32) *mt19937 {
	m := &mt19937{next: 624}
	m.state[0] = seed
	for i := 1; i < len(m.state); i++ {
		prev := m.state[i-1]
		m.state[i] = 1812433253*(prev^prev>>30) + uint32(i)
	}
	return m
}

func (m *mt19937) uint32() uint32 {
	if m.next == len(m.state) {
		m.twist()
	}
	y := m.state[m.next]
	m.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (m *mt19937) twist() {
	const n, middle = 624, 397
	for i := range m.state {
		y := m.state[i]&0x80000000 | m.state[(i+1)%n]&0x7fffffff
		v := m.state[(i+middle)%n] ^ y>>1
		if y&1 == 1 {
			v ^= 0x9908b0df
		}
		m.state[i] = v
	}
	m.next = 0
}

// interval draws from 0..max by masked rejection; like NumPy it draws nothing for max 0.
func (m *mt19937) interval(max uint32) uint32 {
	if max == 0 {
		return 0
	}
	mask := max
	for shift := 1; shift < 32; shift *= 2 {
		mask |= mask >> shift
	}
	for {
		if v := m.uint32() & mask; v <= max {
			return v
		}
	}
}

// shuffle orders p as RandomState.shuffle does.
func (m *mt19937) shuffle(p []int) {
	for i := len(p) - 1; i > 0; i-- {
		j := m.interval(uint32(i))
		p[i], p[j] = p[j], p[i]
	}
}

// permutation is RandomState.permutation(n).
func (m *mt19937) permutation(n int) []int {
	p := sequence(0, n)
	m.shuffle(p)
	return p
}

// sequence is lo, lo+1, ... up to hi-1.
func sequence(lo, hi int) []int {
	p := make([]int, hi-lo)
	for i := range p {
		p[i] = lo + i
	}
	return p
}
