"""Writes callbacks.json and lines.json: what Keras 3.15.1's own callbacks and progress bar do and print.

KERAS_BACKEND=jax python callbacks.py
"""

import contextlib
import io
import json
import random
import time

import keras
import numpy as np
from keras.src.callbacks import CallbackList
from keras.src.utils.progbar import Progbar

clock = [0.0]
time.time = lambda: clock[0]


class Model:
    """Stands in for a model: its weight is the number of the epoch."""

    def __init__(self, rate):
        self.optimizer = keras.optimizers.SGD(rate)
        self.weight, self.saved, self.stop_training = 0, [], False
        self.metrics = []

    def get_weights(self):
        return self.weight

    def set_weights(self, w):
        self.weight = w

    def save(self, path, overwrite=True):
        self.saved.append(path)

    save_weights = save


CLASSES = {
    "early_stopping": keras.callbacks.EarlyStopping,
    "reduce_lr_on_plateau": keras.callbacks.ReduceLROnPlateau,
    "model_checkpoint": keras.callbacks.ModelCheckpoint,
    "terminate_on_nan": keras.callbacks.TerminateOnNaN,
}


def fit(case):
    """Model.fit's loop around the callbacks, one step an epoch (backend/tensorflow/trainer.py)."""
    model = Model(case["rate"])
    made = [CLASSES[name](**settings) for c in case["callbacks"] for name, settings in c.items()]
    out = io.StringIO()
    rates = []
    with contextlib.redirect_stdout(out):
        cbs = CallbackList(made, add_history=True, add_progbar=True, model=model, verbose=2, epochs=len(case["loss"]), steps=1)
        cbs.on_train_begin()
        for epoch, (loss, val, seconds) in enumerate(zip(case["loss"], case["val_loss"], case["seconds"])):
            clock[0] = 0.0
            cbs.on_epoch_begin(epoch)
            rates.append(float(np.float32(model.optimizer.learning_rate)))
            cbs.on_train_batch_begin(0)
            model.weight = epoch + 1
            cbs.on_train_batch_end(0, {"loss": np.float32(loss)})
            clock[0] = seconds
            cbs.on_epoch_end(epoch, {"loss": np.float32(loss), "val_loss": np.float32(val)})
            if model.stop_training:
                break
        cbs.on_train_end()
    return {"rates": rates, "weight": model.weight, "saved": model.saved, "log": out.getvalue()}


def values(r, n):
    """A loss that falls, wobbles and lies flat, as float32s; seldom nan or inf."""
    v, out = r.uniform(0.5, 3), []
    for _ in range(n):
        v *= r.choice([0.7, 0.9, 0.99, 0.9999, 1, 1, 1.0001, 1.05, 1.2])
        out.append(float(np.float32(v)))
        if r.random() < 0.03:
            out[-1] = r.choice([float("nan"), float("inf")])
    return out


def early(r):
    c = {"monitor": r.choice(["val_loss", "loss"]), "patience": r.randrange(5), "verbose": r.choice([1, 1, 0])}
    if r.random() < 0.5:
        c["min_delta"] = r.choice([1e-3, 0.05, -0.01])
    if r.random() < 0.3:
        c["baseline"] = r.uniform(0.3, 2)
    if r.random() < 0.7:
        c["restore_best_weights"] = True
    if r.random() < 0.3:
        c["start_from_epoch"] = r.randrange(4)
    if r.random() < 0.3:
        c["mode"] = r.choice(["min", "max"])
    return {"early_stopping": c}


def reduce(r):
    c = {"monitor": r.choice(["val_loss", "loss"]), "factor": r.choice([0.1, 0.5, 0.3]), "patience": r.randrange(4), "verbose": r.choice([1, 1, 0])}
    if r.random() < 0.5:
        c["cooldown"] = r.randrange(4)
    if r.random() < 0.5:
        c["min_lr"] = r.choice([1e-3, 1e-5, 0.004])
    if r.random() < 0.5:
        c["min_delta"] = r.choice([1e-3, 0.05, 0.0])
    if r.random() < 0.2:
        c["mode"] = "max"
    return {"reduce_lr_on_plateau": c}


def checkpoint(r):
    c = {"filepath": r.choice(["a.keras", "w{epoch:02d}-{val_loss:.2f}.keras", "{epoch}_{loss:8.3e}.h5"]), "verbose": r.choice([0, 1])}
    if r.random() < 0.6:
        c["save_best_only"] = True
    if r.random() < 0.3:
        c["initial_value_threshold"] = r.uniform(0.5, 2)
    if r.random() < 0.3:
        c["mode"] = r.choice(["min", "max"])
    return {"model_checkpoint": c}


def main():
    r = random.Random(3)
    cases = []
    for i in range(120):
        n = r.randrange(2, 16)
        makers = r.sample([early, reduce, checkpoint], r.randrange(1, 4))
        case = {"rate": r.choice([0.001, 0.01, 0.5]), "callbacks": [m(r) for m in makers],
                "loss": values(r, n), "val_loss": values(r, n), "seconds": [r.choice([0.0004, 0.01, 0.5, 1.5, 77.2]) for _ in range(n)]}
        if r.random() < 0.2:
            case["callbacks"].append({"terminate_on_nan": {}})
        case["want"] = fit(case)
        cases.append(case)

    lines = []
    for i in range(80):
        steps = r.choice([1, 4, 10, 99, 100, 938])
        seconds = r.choice([0, 1e-5, 0.0004999, 0.0123, 0.0005, 0.001, 0.5, 0.8, 1.0, 1.5, 2.5, 8.2, 61.0, 3600.4]) * r.choice([1, 1, steps])
        logs = {"loss": r.choice([1.0761, 0.001, 0.0010000000474974513, 0.00100001, 5.1598e-05, 3.3218e-09, 0.0, -0.25, 12345.678, float("nan"), float("inf"), -float("inf")]),
                "accuracy": r.random(), "learning_rate": r.choice([0.0010000000474974513, 9.999999747378752e-05])}
        clock[0] = 0.0
        bar = Progbar(target=steps, verbose=2, unit_name="step", stateless_metrics=set())
        clock[0] = seconds
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            bar.update(steps, [("accuracy", logs["accuracy"]), ("loss", logs["loss"]), ("learning_rate", logs["learning_rate"])], finalize=True)
        lines.append({"steps": steps, "seconds": seconds, **{k: repr(v) for k, v in logs.items()}, "line": out.getvalue()})

    def words(o):
        """JSON has no nan and inf: write words."""
        if isinstance(o, float) and not np.isfinite(o):
            return repr(o)
        if isinstance(o, dict):
            return {k: words(v) for k, v in o.items()}
        if isinstance(o, list):
            return [words(v) for v in o]
        return o

    for name, what in [("callbacks", cases), ("lines", lines)]:
        with open(name + ".json", "w") as f:
            f.write("[\n" + ",\n".join(json.dumps(words(c)) for c in what) + "\n]\n")


main()
