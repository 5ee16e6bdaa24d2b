"""Writes keras_masked_*.safetensors here and ../train/testdata/keras_training_masked_*.safetensors: what Keras 3.15.1 on
TensorFlow makes of sequences of several lengths, padded at their ends and masked, in float64.

python masked.py
"""

import json
import os
import pathlib
import struct

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")
here = pathlib.Path(__file__).parent
draw = np.random.default_rng(5)


def grid(*shape):
    """Normal numbers that float32 holds exactly."""
    return draw.normal(size=shape).astype(np.float32).astype(np.float64)


def write(path, case, tensors):
    """Writes a safetensors file."""
    header, data = {"__metadata__": {"case": json.dumps({"keras": keras.__version__} | case, sort_keys=True)}}, b""
    for name, value in tensors.items():
        value = np.asarray(value)
        kind, value = ("I32", value.astype("<i4")) if value.dtype.kind == "i" else ("F32", value.astype("<f4"))
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [len(data), len(data) + value.nbytes]}
        data += value.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def padded(samples, steps, features):
    """Sequences padded with zeros, the first as long as all and one of a single step, and their lengths."""
    lengths = draw.integers(1, steps + 1, samples).astype("int32")
    lengths[0], lengths[-1] = steps, 1
    rows = [grid(n, features) for n in lengths]
    return keras.utils.pad_sequences(rows, maxlen=steps, padding="post", dtype="float64"), lengths


def layer(name, kind, config, samples=5, steps=7, features=4):
    x, lengths = padded(samples, steps, features)
    mask = tf.sequence_mask(lengths, steps)
    l = getattr(keras.layers, kind)(**config)
    l.build((None, steps, features))
    for v in l.variables:
        if v.dtype == "float64":
            v.assign(np.abs(grid(*v.shape)) + 0.5 if v.name.startswith("moving") else 0.5 * grid(*v.shape))
    before = {v.name: v.numpy() for v in l.variables if v.dtype == "float64"}
    dy = grid(*l.compute_output_shape(x.shape))
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = l(t, mask=mask, **({"training": True} if kind == "BatchNormalization" else {}))
        total = tf.reduce_sum(y * dy)
    weights = l.trainable_variables
    dx, *dw = tape.gradient(total, [t] + [w.value for w in weights])
    out = {"x": x, "lengths": lengths} | before | {"y": y, "dy": dy, "dx": dx}
    out |= {"d" + w.name: d for w, d in zip(weights, dw)}
    out |= {v.name + "_after": v.numpy() for v in l.variables if v.name.startswith("moving")}
    write(here / f"keras_masked_{name}.safetensors", {"layer": kind} | config, out)


layer("lstm_sequence", "LSTM", {"units": 5, "return_sequences": True})
layer("lstm_last", "LSTM", {"units": 9}, samples=11)
layer("lstm_relu", "LSTM", {"units": 3, "activation": "relu", "return_sequences": True})
layer("simple_rnn_sequence", "SimpleRNN", {"units": 6, "return_sequences": True})
layer("simple_rnn_last", "SimpleRNN", {"units": 4, "use_bias": False}, samples=11)
layer("batch_normalization", "BatchNormalization", {"momentum": 0.9, "epsilon": 0.001})


def train(name, layers, y_shape, target, loss, optimizer, metric, batch_size, epochs=3, steps=8, features=3, samples=17, val=9):
    keras.utils.set_random_seed(3)
    classes = {k: getattr(keras.layers, "".join(w.title() for w in k.split("_")).replace("Lstm", "LSTM").replace("Rnn", "RNN")) for l in layers for k in l}
    model = keras.Sequential([keras.Input((steps, features)), keras.layers.Masking()] + [classes[k](**c) for l in layers for k, c in l.items()])
    names, count = {}, {}
    for l, m in zip(layers, model.layers[1:]):
        (kind,) = l
        n = count.get(kind, 0)
        names[m.name], count[kind] = kind if n == 0 else f"{kind}_{n}", n + 1
    kept = [v for v in model.weights if v.dtype == "float64"]
    for v in kept:
        v.assign(v.numpy().astype(np.float32))

    def weights(prefix):
        return {f"{prefix}.{names[v.path.split('/')[-3 if 'cell' in v.path else -2]]}.{v.name}": v.numpy() for v in kept}

    (kind, settings), = optimizer.items()
    rate = settings["learning_rate"]
    model.compile(loss=loss, optimizer=keras.optimizers.get({"class_name": kind, "config": settings}), metrics=[metric])
    x, lengths = padded(samples, steps, features)
    x_val, lengths_val = padded(val, steps, features)
    y, y_val = target(samples, *y_shape), target(val, *y_shape)
    tensors = {"x": x, "y": y, "lengths": lengths, "x_val": x_val, "y_val": y_val, "lengths_val": lengths_val} | weights("before")
    history = model.fit(x, y, batch_size, epochs, verbose=0, validation_data=(x_val, y_val), shuffle=False).history
    tensors |= weights("after") | {"history." + k: np.array(v) for k, v in history.items()}
    tensors["history.learning_rate"] = np.full(epochs, rate)
    tensors["predictions"] = model.predict(x_val, verbose=0)
    tensors["evaluate"] = np.array(model.evaluate(x_val, y_val, batch_size, verbose=0))
    case = {"batch_size": batch_size, "epochs": epochs, "input_shape": [steps, features], "layers": layers, "loss": loss, "loss_config": {},
            "optimizer": optimizer, "callbacks": [], "shuffle": False}
    write(here / f"../train/testdata/keras_training_masked_{name}.safetensors", case, tensors)


def one_hot(*shape):
    return np.eye(shape[-1])[draw.integers(0, shape[-1], shape[:-1])]


def yes(*shape):
    return draw.integers(0, 2, shape).astype(np.float64)


train("stack", [{"lstm": {"units": 6, "return_sequences": True}}, {"dropout": {"rate": 0.0}}, {"lstm": {"units": 5}}, {"dense": {"units": 1}}],
      (1,), grid, "mean_squared_error", {"rmsprop": {"learning_rate": 0.005}}, "mae", 6)
train("rnn_values", [{"simple_rnn": {"units": 6, "return_sequences": True}}, {"dense": {"units": 8, "activation": "relu"}}, {"dense": {"units": 2}}],
      (8, 2), grid, "mean_squared_error", {"sgd": {"learning_rate": 0.05}}, "mae", 6)
train("lstm_classes", [{"lstm": {"units": 8, "return_sequences": True}}, {"batch_normalization": {}}, {"activation": {"activation": "relu"}}, {"dense": {"units": 3, "activation": "softmax"}}],
      (8, 3), one_hot, "categorical_crossentropy", {"adam": {"learning_rate": 0.01}}, "accuracy", 7)
train("binary", [{"lstm": {"units": 4, "return_sequences": True}}, {"simple_rnn": {"units": 5, "return_sequences": True}}, {"dense": {"units": 1, "activation": "sigmoid"}}],
      (8, 1), yes, "binary_crossentropy", {"adam": {"learning_rate": 0.01}}, "accuracy", 5)
train("flatten", [{"lstm": {"units": 4, "return_sequences": True}}, {"flatten": {}}, {"dense": {"units": 3, "activation": "softmax"}}],
      (3,), one_hot, "categorical_crossentropy", {"sgd": {"learning_rate": 0.05}}, "accuracy", 6)
train("reshape", [{"simple_rnn": {"units": 4, "return_sequences": True}}, {"reshape": {"target_shape": [4, 8]}}, {"lstm": {"units": 3}}, {"dense": {"units": 2}}],
      (2,), grid, "mean_absolute_error", {"sgd": {"learning_rate": 0.05}}, "mae", 6)
