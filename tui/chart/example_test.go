package chart_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"cnnbench/tui/chart"
)

func ExampleNew() {
	var train, val chart.Series
	for step := 1; step <= 400; step++ {
		p := chart.Point{Step: step, Epoch: float64(step) / 100, Value: 0.2 + 2*math.Exp(-float64(step)/90)}
		train.Append(p)
		if step%100 == 0 {
			p.Value += 0.3
			val.Append(p)
		}
	}
	c := chart.New(chart.Options{Symbols: chart.ASCII, X: chart.ByEpoch},
		chart.Line{Label: "train", Series: &train},
		chart.Line{Label: "val", Series: &val, Exact: true, Dashed: true, Mark: chart.Mark(1)})
	for line := range strings.Lines(ansi.Strip(c.Draw(48, 11))) {
		fmt.Println(strings.TrimRight(line, " \n"))
	}
	// Output:
	// == train 0.2235   -* val 0.5235
	//    |.
	//   2+'|.
	//    |  '|.
	//    |    ''..
	//   1+       ''-.*'  -..
	//    |           '''-.... '-*  --.  ..*  ...  ...*
	//    |                  ''''''-------.............
	//   0+
	//    +|----------|----------|---------|-----------
	//     0          1          2         3      epoch
}
