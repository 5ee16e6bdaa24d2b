package keras

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/sessions"
	"cnnbench/spec"
)

// encodeCompile is nil where there is no loss.
func encodeCompile(c *sessions.Compile) (any, error) {
	if c.Loss == nil {
		return nil, nil
	}
	metrics := []any{}
	for _, m := range c.Metrics {
		metrics = append(metrics, m.Name)
	}
	return object{{"optimizer", encodeOptimizer(c.Optimizer)}, {"loss", encodeLoss(c.Loss)}, {"loss_weights", nil}, {"metrics", metrics}, {"weighted_metrics", nil},
		{"run_eagerly", false}, {"steps_per_execution", 1}, {"jit_compile", false}}, nil
}

func encodeOptimizer(o optim.Optimizer) object {
	kind := optim.Family.Must(o)
	config := object{{"name", kind.Name}}
	for _, p := range settings(o) {
		if p.key == "learning_rate" {
			config = append(config, member{p.key, encodeRate(o)})
		} else {
			config = append(config, member{p.key, value(p.value)})
		}
	}
	return wrapped("keras.optimizers", kind.Class, config)
}

// encodeRate is a number or a schedule.
func encodeRate(o optim.Optimizer) any {
	rate := o.Settings().LearningRate
	if s := rate.Schedule; s != nil {
		return simple("keras.optimizers.schedules", optim.Schedules.Must(s), settings(s))
	}
	return json.RawMessage(float(rate.Value))
}

// encodeLoss is a name, or an object where there are settings.
func encodeLoss(l loss.Loss) any {
	kind := loss.Family.Must(l)
	all := settings(l)
	if len(all) == 0 || text(kind.New()) == text(l) {
		return kind.Name
	}
	return simple("keras.losses", kind, all)
}

// decodeCompile reads the compile settings as far as they are known, and notes what is not.
func (m *Model) decodeCompile(c map[string]any) {
	optimizer := c["optimizer"]
	if optimizer == nil {
		optimizer = c["optimizer_config"] // Keras 2's word
	}
	if optimizer != nil {
		var err error
		if m.Optimizer, err = m.decodeOptimizer(optimizer); err != nil {
			m.note("the optimizer is not carried over: %v", err)
		}
	}
	if l := c["loss"]; l != nil {
		var err error
		if m.Loss, err = decodeLoss(l); err != nil {
			m.note("the loss is not carried over: %v", err)
		}
	}
	m.decodeMetrics(c["metrics"])
	for _, key := range []string{"loss_weights", "weighted_metrics"} {
		if v := c[key]; v != nil && text(v) != "[]" {
			m.note("the compile setting %s is not carried over: it is not known here", key)
		}
	}
}

func (m *Model) note(format string, args ...any) {
	m.Notes = append(m.Notes, fmt.Sprintf(format, args...))
}

// optimizerOptions are Keras's settings of optimizers that this program does not have, and the values, in JSON, that
// mean what is done here; nil: all do.
var optimizerOptions = map[string][]string{"name": nil, "use_ema": {"false"}, "ema_momentum": nil, "ema_overwrite_frequency": nil, "jit_compile": nil, "is_legacy_optimizer": nil,
	"loss_scale_factor": {"null"}, "gradient_accumulation_steps": {"null"}, "decay": {"0", "0.0", "null"}}

func (m *Model) decodeOptimizer(v any) (optim.Optimizer, error) {
	class, config, ok := unwrap(v)
	kind, known := named(optim.Family, class)
	if !ok || !known {
		if kind, known = named(optim.Family, strings.ToLower(class)); !known {
			return nil, fmt.Errorf("found %s; known are %s", brief(text(v)), strings.Join(optim.Family.Names(), ", "))
		}
	}
	config = maps.Clone(config)
	var err error
	if rate := config["learning_rate"]; rate != nil {
		if config["learning_rate"], err = decodeRate(rate); err != nil {
			return nil, err
		}
	}
	o := kind.New()
	body, left := mapping(o, config, func(key string, v any) bool {
		values, ok := optimizerOptions[key]
		return v == nil || ok && (values == nil || slices.Contains(values, text(v)))
	})
	if left != nil {
		m.note("of the optimizer, %v and is left out", left)
	}
	if err := (&spec.Decoder{}).Decode(body, "", o); err != nil {
		return nil, err
	}
	return o.(optim.Optimizer), nil
}

// decodeRate reads a number or a schedule.
func decodeRate(v any) (any, error) {
	if n, ok := v.(json.Number); ok {
		return shortest(n), nil
	}
	class, config, ok := unwrap(v)
	kind, known := named(optim.Schedules, class)
	if !ok || !known {
		return nil, fmt.Errorf("the learning rate is %s; known schedules are %s", brief(text(v)), strings.Join(optim.Schedules.Names(), ", "))
	}
	body, err := mapping(kind.New(), config, func(key string, v any) bool { return key == "name" || v == nil })
	return of(kind, body), err
}

func decodeLoss(v any) (loss.Loss, error) {
	class, config, ok := unwrap(v)
	kind, known := named(loss.Family, class)
	if !ok || !known {
		return nil, fmt.Errorf("found %s; known are %s", brief(text(v)), strings.Join(loss.Family.Names(), ", "))
	}
	l := kind.New()
	body, err := mapping(l, config, func(key string, v any) bool {
		switch key {
		case "name", "dtype", "fn":
			return true
		case "from_logits":
			return v == false
		case "reduction":
			return v == nil || v == "sum_over_batch_size" || v == "auto"
		case "axis":
			return text(v) == "-1"
		case "ignore_class":
			return v == nil
		}
		return v == nil || zero(v)
	})
	if err == nil {
		err = (&spec.Decoder{}).Decode(body, "", l)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind.Name, err)
	}
	return l.(loss.Loss), nil
}

// accuracies are Keras's metrics that accuracy is here, by the shapes of targets and predictions.
var accuracies = []string{"binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"}

// decodeMetrics reads lists of metrics, in whatever lists they stand.
func (m *Model) decodeMetrics(v any) {
	switch v := v.(type) {
	case nil:
		return
	case []any:
		for _, x := range v {
			m.decodeMetrics(x)
		}
		return
	}
	class, config, _ := unwrap(v)
	for _, name := range []any{class, config["name"], config["fn"]} {
		word, _ := name.(string)
		if slices.Contains(accuracies, word) {
			word = "accuracy"
		}
		kind, ok := named(metric.Family, word)
		if !ok || word == "Accuracy" { // which in Keras is another one: exact equality
			continue
		}
		if word == kind.Class {
			word = kind.Name
		}
		if !slices.ContainsFunc(m.Metrics, func(n metric.Named) bool { return n.Name == word }) {
			m.Metrics = append(m.Metrics, metric.Named{Name: word, Metric: kind.New().(metric.Metric)})
		}
		return
	}
	m.note("the metric %s is not carried over: it is not known here", brief(text(v)))
}
