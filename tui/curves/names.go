package curves

import (
	"math"
	"strconv"
	"strings"

	"cnnbench/tui/chart"
)

// short are the words for Keras's longer names where there is little room.
var short = map[string]string{
	"accuracy":             "acc",
	"binary_accuracy":      "acc",
	"categorical_accuracy": "acc",
	"mean_absolute_error":  "mae",
	"mean_squared_error":   "mse",
	Rate:                   "lr",
}

// Short is a figure's name for a narrow column: val_accuracy is val_acc.
func Short(name string) string {
	plain, val := strings.CutPrefix(name, validation)
	if s, ok := short[plain]; ok {
		plain = s
	}
	if val {
		return validation + plain
	}
	return plain
}

// Val is the name of a figure measured on the validation data.
func Val(name string) string { return validation + name }

// Words is a figure's name as a title: learning_rate is learning rate.
func Words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// Value writes a figure with four decimals, as Keras does, so that columns of them line up; only what is very small or
// large is written otherwise.
func Value(v float64) string {
	if a := math.Abs(v); a >= 0.001 && a < 9.99995 {
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
	return chart.Number(v)
}

// RateText writes a learning rate. The engine holds it in float32, so its shortest decimal is that of a float32.
func RateText(rate float64) string {
	s := strconv.FormatFloat(rate, 'g', -1, 32)
	mantissa, exp, ok := strings.Cut(s, "e")
	if !ok {
		return s
	}
	sign := ""
	if exp[0] == '-' {
		sign = "-"
	}
	return mantissa + "e" + sign + strings.TrimLeft(exp, "+-0")
}
