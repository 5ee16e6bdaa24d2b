"""Pictures a second that Keras's ImageDataGenerator deforms, one core, with every range on: one JSON line a shape."""
import argparse, json, time
import numpy as np
import keras
from keras.src.legacy.preprocessing.image import ImageDataGenerator

a = argparse.ArgumentParser()
a.add_argument("--seconds", type=float, default=3)
a = a.parse_args()
RANGES = dict(rotation_range=40, width_shift_range=.2, height_shift_range=.2, shear_range=.2, zoom_range=.2, channel_shift_range=20,
              brightness_range=(.8, 1.2), horizontal_flip=True, vertical_flip=True, fill_mode="nearest")
for h, w, c in (28, 28, 1), (32, 32, 3), (24, 24, 3):
    x = np.random.RandomState(1).randint(0, 256, (512, h, w, c)).astype("float32")
    flow = ImageDataGenerator(**RANGES).flow(x, batch_size=32, shuffle=True, seed=1)
    next(flow)
    start, n = time.perf_counter(), 0
    while time.perf_counter() - start < a.seconds:
        n += len(next(flow))
    print(json.dumps({"peer": f"keras {keras.__version__}", "shape": f"{h}x{w}x{c}", "pictures_per_s": round(n / (time.perf_counter() - start), 1)}), flush=True)
