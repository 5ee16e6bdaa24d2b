package nn

// WideRows is what tests need to know to have a dense layer with its weights in panels, or in rows.
const WideRows = wideRows

// Panelled is the number of weights that lie in panels during passes.
func (n *Network) Panelled() int { return len(n.panelled) }
