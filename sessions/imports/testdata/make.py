"""Makes kinds, recurrent and chain as .keras and .h5, with inputs and predictions as .npz, by Keras 3.15 on TensorFlow
2.21: python make.py. keras2.h5 holds the weights of chain in the form that Keras 2 gave its files. Together they have every kind of layer that is read, with settings that
are not the defaults. The other files of this folder (bn, cnn, lstm, mlp) were saved by the same releases."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import initializers, layers, losses, metrics, optimizers, regularizers

here = os.path.dirname(os.path.abspath(__file__))
draw = np.random.RandomState(7)


def save(name, model, endings=(".keras", ".h5")):
    for v in model.variables:
        low, high = (0.5, 1.5) if "variance" in v.path or "gamma" in v.path else (-0.5, 0.5)
        if v.dtype == "float32":
            v.assign(draw.uniform(low, high, v.shape))
    x = draw.normal(size=(3,) + model.input_shape[1:]).astype("float32")
    for ending in endings:
        model.save(os.path.join(here, name + ending))
    np.savez(os.path.join(here, name + ".npz"), x=x, predictions=model.predict(x, verbose=0))


kinds = keras.Sequential([
    keras.Input((11, 9, 2)),
    layers.Conv2D(3, (3, 2), strides=(2, 1), padding="same", activation="elu", kernel_regularizer=regularizers.L1(0.001)),
    layers.BatchNormalization(momentum=0.9, epsilon=0.01, center=False),
    layers.ReLU(),
    layers.Conv2D(4, 2, dilation_rate=2, use_bias=False, name="middle", kernel_initializer=initializers.HeNormal(seed=3)),
    layers.BatchNormalization(scale=False),
    layers.LeakyReLU(negative_slope=0.01),
    layers.AveragePooling2D(2, strides=1, padding="same"),
    layers.MaxPooling2D((2, 1), strides=(1, 1)),
    layers.Activation("gelu"),
    layers.ELU(alpha=0.7),
    layers.Dropout(0.1),
    layers.GlobalMaxPooling2D(keepdims=True),
    layers.Flatten(),
    layers.Dense(6, activation=layers.LeakyReLU(negative_slope=0.05), bias_initializer=initializers.Constant(0.1)),
    layers.Dense(5, activation="silu"),
    layers.Dense(3),
    layers.Softmax(),
])
kinds.layers[3].trainable = False
kinds.compile(optimizer=optimizers.AdamW(optimizers.schedules.CosineDecay(0.01, 100, alpha=0.1), weight_decay=0.02),
              loss=losses.CategoricalCrossentropy(label_smoothing=0.1), metrics=[metrics.CategoricalAccuracy(), "mse"])
save("kinds", kinds)

recurrent = keras.Sequential([
    keras.Input((6, 4)),
    layers.SimpleRNN(3, activation="relu", return_sequences=True),
    layers.LSTM(4, activation="softplus", return_sequences=True, unit_forget_bias=False, use_bias=False),
    layers.LSTM(3, recurrent_regularizer="l2"),
    layers.Reshape((3, -1, 1)),
    layers.GlobalAveragePooling2D(),
    layers.Dense(1, activation="sigmoid"),
])
recurrent.compile(optimizer=optimizers.SGD(0.1, momentum=0.9, nesterov=True, clipnorm=1.0), loss="binary_crossentropy", metrics=["accuracy"])
save("recurrent", recurrent)

x = keras.Input((5,))
chain = keras.Model(x, layers.Dense(2, activation="tanh")(layers.Dense(4, activation="relu")(x)))
chain.compile(optimizer="rmsprop", loss="mse")
save("chain", chain)

# Keras 2.15's form: strings of fixed length, weights with ":0", a model in the old dialect.
import json

import h5py

kernels = [w.numpy() for w in chain.weights]
config = {"class_name": "Sequential", "config": {"name": "sequential", "layers": [
    {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 5], "dtype": "float32", "sparse": False, "ragged": False, "name": "dense_input"}},
    {"class_name": "Dense", "config": {"name": "dense", "trainable": True, "dtype": "float32", "batch_input_shape": [None, 5], "units": 4, "activation": "relu", "use_bias": True,
     "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}}, "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": None,
     "bias_regularizer": None, "activity_regularizer": None, "kernel_constraint": None, "bias_constraint": None}},
    {"class_name": "Dense", "config": {"name": "dense_1", "trainable": True, "dtype": "float32", "units": 2, "activation": "tanh", "use_bias": True,
     "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}}, "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": None,
     "bias_regularizer": None, "activity_regularizer": None, "kernel_constraint": None, "bias_constraint": None}}]}}
training = {"loss": "mse", "metrics": [[{"class_name": "MeanMetricWrapper", "config": {"name": "mae", "dtype": "float32", "fn": "mean_absolute_error"}}]], "weighted_metrics": None,
            "loss_weights": None, "optimizer_config": {"class_name": "RMSprop", "config": {"name": "RMSprop", "learning_rate": 0.0010000000474974513, "decay": 0.0, "rho": 0.9,
            "momentum": 0.0, "epsilon": 1e-07, "centered": False}}}
with h5py.File(os.path.join(here, "keras2.h5"), "w") as f:
    f.attrs["keras_version"], f.attrs["backend"] = b"2.15.0", b"tensorflow"
    f.attrs["model_config"], f.attrs["training_config"] = json.dumps(config).encode(), json.dumps(training).encode()
    group = f.create_group("model_weights")
    group.attrs["layer_names"] = np.array([b"dense", b"dense_1"])
    for i, name in enumerate(["dense", "dense_1"]):
        g = group.create_group(name)
        g.attrs["weight_names"] = np.array([f"{name}/kernel:0".encode(), f"{name}/bias:0".encode()])
        g.create_dataset(f"{name}/kernel:0", data=kernels[2 * i])
        g.create_dataset(f"{name}/bias:0", data=kernels[2 * i + 1])
