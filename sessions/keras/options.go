package keras

import (
	"encoding/json"
	"slices"
)

// options are the settings of layers that Keras has and this program does not: the layers here do what the values, in
// JSON, say; where there are none, every value means that.
var options = map[string][]string{
	"data_format":          {`"channels_last"`, "null"},
	"activity_regularizer": {"null"},
	"kernel_constraint":    {"null"},
	"recurrent_constraint": {"null"},
	"bias_constraint":      {"null"},
	"beta_constraint":      {"null"},
	"gamma_constraint":     {"null"},
	"groups":               {"1"},
	"noise_shape":          {"null"},
	"seed":                 nil,
	"lora_rank":            {"null"},
	"lora_alpha":           nil,
	"quantization_config":  {"null"},
	"quantization_mode":    {"null"},
	"return_state":         {"false"},
	"go_backwards":         {"false"},
	"stateful":             {"false"},
	"time_major":           {"false"},
	"unroll":               nil,
	"implementation":       nil,
	"use_cudnn":            nil,
	"zero_output_for_mask": {"false"},
	"dropout":              {"0", "0.0", "null"},
	"recurrent_dropout":    {"0", "0.0", "null"},
	"renorm":               {"false"},
	"renorm_clipping":      nil, // of no effect without renorm
	"renorm_momentum":      nil,
	"fused":                nil,
	"virtual_batch_size":   {"null"},
	"adjustment":           {"null"},
	"synchronized":         {"false"},
}

// written are the options of each class that are written, with the values that Keras itself writes there. Options that
// older releases of Keras 3 do not know are left out.
var written = map[string]object{
	"Conv2D":                 {{"data_format", "channels_last"}, {"groups", 1}, {"activity_regularizer", nil}, {"kernel_constraint", nil}, {"bias_constraint", nil}},
	"Dense":                  {{"kernel_constraint", nil}, {"bias_constraint", nil}},
	"Dropout":                {{"seed", nil}, {"noise_shape", nil}},
	"Flatten":                {{"data_format", "channels_last"}},
	"MaxPooling2D":           {{"data_format", "channels_last"}},
	"AveragePooling2D":       {{"data_format", "channels_last"}},
	"GlobalMaxPooling2D":     {{"data_format", "channels_last"}},
	"GlobalAveragePooling2D": {{"data_format", "channels_last"}},
	"BatchNormalization":     {{"axis", -1}, {"beta_constraint", nil}, {"gamma_constraint", nil}},
	"LSTM":                   recurrentOptions,
	"SimpleRNN":              recurrentOptions,
}

var recurrentOptions = object{
	{"return_state", false}, {"go_backwards", false}, {"stateful", false}, {"unroll", false},
	{"activity_regularizer", nil}, {"kernel_constraint", nil}, {"recurrent_constraint", nil}, {"bias_constraint", nil},
	{"dropout", json.RawMessage("0.0")}, {"recurrent_dropout", json.RawMessage("0.0")},
}

// harmless reports whether the layers here do what the value of an option says.
func harmless(key string, v any) bool {
	if values, ok := options[key]; ok {
		return values == nil || slices.Contains(values, text(v))
	}
	return v == nil // what is not set changes nothing
}

// text is a parsed value as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(b)
}
