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

// Value writes a figure with four decimals, as Keras does, so that columns of them line up; what is very small or large
// in at most as many cells.
func Value(v float64) string {
	switch a := math.Abs(v); {
	case a >= 0.001 && a < 9.99995:
		return strconv.FormatFloat(v, 'f', 4, 64)
	case a >= 0.001 && a < 99999.5 || v == 0 || math.IsNaN(v) || math.IsInf(v, 0):
		return chart.Number(v)
	}
	return plainExponent(strconv.FormatFloat(v, 'e', 1, 64))
}

// RateText writes a learning rate. The engine holds it in float32, so its shortest decimal is that of a float32.
func RateText(rate float64) string {
	return plainExponent(strconv.FormatFloat(rate, 'g', -1, 32))
}

// plainExponent drops the plus and the zeros that Go writes before an exponent: 1e-07 is 1e-7.
func plainExponent(s string) string {
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
