"""Opens exports with Keras: python keras_client.py FOLDER. For every NAME.npz there (x and predictions) it loads
NAME.keras, NAME.weights.h5 and, where there is one, NAME.keras.py, and prints the largest difference of each from the
predictions. It saves every model again as NAME.again.keras and NAME.again.h5. Where there is a NAME.train.npz, the script
trains on it: on one file, and on a file an epoch. Of a NAME.keras without NAME.npz only the settings count: it is loaded and
saved again, and its script NAME_settings.keras.py compiles."""
import glob
import importlib.util
import os
import sys
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")
import keras
import numpy as np

folder = sys.argv[1]


def load(path):
    spec = importlib.util.spec_from_file_location("script", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


for path in sorted(glob.glob(os.path.join(folder, "*.keras"))):
    stem = path[:-len(".keras")]
    if not stem.endswith(".again") and not os.path.exists(stem + ".npz"):
        keras.models.load_model(path).save(stem + ".again.keras")
        script = load(stem + "_settings.keras.py")
        script.compiled(script.build())
        script.callbacks()
        print(os.path.basename(stem), "settings", 0)

for path in sorted(glob.glob(os.path.join(folder, "*.npz"))):
    stem = path[:-len(".npz")]
    if stem.endswith((".check", ".train")):
        continue
    with np.load(path) as z:
        x, want = z["x"], z["predictions"]
    scale = max(1.0, float(np.abs(want).max()))

    def say(what, model):
        print(os.path.basename(stem), what, float(np.abs(keras.ops.convert_to_numpy(model(x, training=False)) - want).max()) / scale)

    if os.path.exists(stem + ".keras"):
        model = keras.models.load_model(stem + ".keras")
        say("keras", model)
        fresh = keras.models.model_from_json(model.to_json())
        fresh.load_weights(stem + ".weights.h5")
        say("weights.h5", fresh)
        model.save(stem + ".again.keras")
        model.save(stem + ".again.h5")
    if os.path.exists(stem + ".keras.py"):
        script = load(stem + ".keras.py")
        model = script.compiled(script.build())
        model.load_weights(script.WEIGHTS)
        say("script", model)
        script.callbacks()
        print(os.path.basename(stem), "selfcheck", script.selfcheck(model))
        train = stem + ".train.npz"
        if os.path.exists(train):
            script.train(script.compiled(script.build()), [train], train)
            script.train(script.compiled(script.build()), [train, train], train)
            print(os.path.basename(stem), "trained", 0)
