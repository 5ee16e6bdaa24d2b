package kernel

// workspace is what one running product needs beside its operands.
type workspace struct {
	tile    tile
	packed  []float32 // [panels, k, cols] of a block of B
	packedA []float32 // a block of A
	turn    []float32 // C transposed
}

// grown is the first n values of x, which grows if it has to.
func grown(x *[]float32, n int) []float32 {
	if n > len(*x) {
		*x = make([]float32, n)
	}
	return (*x)[:n]
}

// spare holds the workspaces that no product is using.
var spare = make(chan *workspace, 256)

func borrow() *workspace {
	select {
	case w := <-spare:
		return w
	default:
		return &workspace{packed: make([]float32, packedB), packedA: make([]float32, packedA)}
	}
}

func (w *workspace) giveBack() {
	w.tile = tile{} // which would keep the operands
	select {
	case spare <- w:
	default:
	}
}
