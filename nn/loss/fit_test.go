package loss

import "testing"

func TestFit(t *testing.T) {
	softmax := func(units int) Head { return Head{units, "softmax"} }
	sigmoid := func(units int) Head { return Head{units, "sigmoid"} }
	linear := func(units int) Head { return Head{units, "linear"} }
	classes := func(n int) Data { return Data{Classes: n} }
	values := func(n int) Data { return Data{Columns: n} }
	for _, c := range []struct {
		loss string
		head Head
		data Data
		want Target
		err  string
	}{
		{"categorical_crossentropy", softmax(10), classes(10), OneHot, ""},
		{"categorical_crossentropy", Head{Units: 10}, classes(10), OneHot, ""},
		{"categorical_crossentropy", softmax(4), classes(10), 0, "categorical_crossentropy needs one unit a class: the last layer has 4 units, the data 10 classes; set units: 10"},
		{"categorical_crossentropy", softmax(10), classes(3), 0, "categorical_crossentropy needs one unit a class: the last layer has 10 units, the data 3 classes; set units: 3"},
		{"categorical_crossentropy", softmax(10), Data{Classes: 8, Open: true}, OneHot, ""},
		{"categorical_crossentropy", softmax(1), classes(2), 0, "categorical_crossentropy needs one unit a class: the last layer has 1 unit, the data 2 classes; set units: 2, or take binary_crossentropy with a sigmoid"},
		{"categorical_crossentropy", softmax(1), classes(1), 0, "categorical_crossentropy needs two classes or more, the data has one; give it another"},
		{"categorical_crossentropy", linear(10), classes(10), 0, "categorical_crossentropy needs probabilities: the last layer's activation is linear; set activation: softmax"},
		{"categorical_crossentropy", softmax(3), values(3), Values, ""},
		{"categorical_crossentropy", softmax(3), values(2), 0, "categorical_crossentropy needs one unit a target column: the last layer has 3 units, the data 2 target columns; set units: 2"},
		{"categorical_crossentropy", softmax(3), values(1), 0, "categorical_crossentropy needs classes, the data has values; take mean_squared_error"},
		{"sparse_categorical_crossentropy", softmax(10), classes(10), Labels, ""},
		{"sparse_categorical_crossentropy", softmax(9), classes(10), 0, "sparse_categorical_crossentropy needs one unit a class: the last layer has 9 units, the data 10 classes; set units: 10"},
		{"sparse_categorical_crossentropy", softmax(10), values(1), 0, "sparse_categorical_crossentropy needs class numbers, the data has values; take mean_squared_error"},
		{"binary_crossentropy", sigmoid(1), classes(2), Labels, ""},
		{"binary_crossentropy", sigmoid(3), classes(3), OneHot, ""},
		{"binary_crossentropy", softmax(2), classes(2), OneHot, ""},
		{"binary_crossentropy", sigmoid(2), values(2), Values, ""},
		{"binary_crossentropy", sigmoid(1), classes(3), 0, "binary_crossentropy needs one unit a class where there are more than two: the last layer has 1 unit, the data 3 classes; set units: 3"},
		{"binary_crossentropy", sigmoid(5), classes(2), 0, "binary_crossentropy needs one unit for two classes: the last layer has 5 units, the data 2 classes; set units: 1"},
		{"binary_crossentropy", sigmoid(5), values(2), 0, "binary_crossentropy needs one unit a target column: the last layer has 5 units, the data 2 target columns; set units: 2"},
		{"binary_crossentropy", softmax(1), classes(2), 0, "binary_crossentropy cannot learn from a softmax of one unit, which is always 1; set activation: sigmoid"},
		{"binary_crossentropy", Head{1, "relu"}, classes(2), 0, "binary_crossentropy needs probabilities: the last layer's activation is relu; set activation: sigmoid"},
		{"mean_squared_error", linear(2), values(2), Values, ""},
		{"mean_squared_error", linear(1), classes(5), Labels, ""},
		{"mean_squared_error", linear(5), classes(5), OneHot, ""},
		{"mean_squared_error", linear(3), values(1), 0, "mean_squared_error needs one unit a target column: the last layer has 3 units, the data 1 target column; set units: 1"},
		{"mean_absolute_error", linear(3), classes(5), 0, "mean_absolute_error needs one unit for the class number or one unit a class: the last layer has 3 units, the data 5 classes; set units: 5"},
	} {
		got, err := decode(t, c.loss).Fit(c.head, c.data)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != c.err || err == nil && got != c.want {
			t.Errorf("%s, %+v, %+v:\n got %v %q\nwant %v %q", c.loss, c.head, c.data, got, text, c.want, c.err)
		}
	}
}

func TestColumns(t *testing.T) {
	for target, want := range map[Target]int{Labels: 1, OneHot: 7, Values: 7} {
		if got := target.Columns(7); got != want {
			t.Errorf("%v: %d columns, want %d", target, got, want)
		}
	}
}
