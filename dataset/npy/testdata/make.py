"""Writes the files of this folder with NumPy (2.4.6 wrote those that are here)."""
import zipfile

import numpy as np
from numpy.lib import format

VALUES = {
    "f2": [0, -1.5, 65504, 6e-8, np.inf],
    "f4": [0, -1.5, 3.25, 1e-40, -np.inf],
    "f8": [0, -1.5, 1 / 3, 1e300, np.inf],
    "u1": [0, 1, 255],
    "i1": [-128, 0, 127],
    "u2": [0, 258, 65535],
    "i2": [-32768, 258, 32767],
    "u4": [0, 16909060, 4294967295],
    "i4": [-2147483648, 16909060, 2147483647],
    "u8": [0, 72623859790382856, 18446744073709551615],
    "i8": [-9223372036854775808, 72623859790382856, 9223372036854775807],
    "b1": [0, 1, 1],
}
for kind, values in VALUES.items():
    np.save(f"{kind}.npy", np.array(values, "<" + kind))
    if not kind.endswith("1"):
        np.save(f"{kind}_big.npy", np.array(values, ">" + kind))

cube = np.arange(24, dtype="<i4").reshape(2, 3, 4)
np.save("fortran.npy", np.asfortranarray(cube))
np.save("fortran_big.npy", np.asfortranarray(cube.astype(">i2")))
np.save("scalar.npy", np.float64(2.5))
np.save("empty.npy", np.zeros((0, 3), "<f4"))
for version in (1, 2, 3):
    with open(f"version{version}.npy", "wb") as f:
        format.write_array(f, cube, version=(version, 0))

np.save("objects.npy", np.array([1, "a", None], object), allow_pickle=True)
np.save("text.npy", np.array(["cat", "dog"]))
np.save("complex.npy", np.array([1j]))
np.save("records.npy", np.array([(1, 2.0)], [("a", "<i4"), ("b", "<f4")]))

x, y = np.arange(12, dtype="<f4").reshape(3, 2, 2), np.array([2, 0, 1], "<i4")
np.savez("stored.npz", x=x, y=y)
np.savez_compressed("compressed.npz", x=np.asfortranarray(x), y=y.astype(">i4"), **{"model/kernel": np.zeros((100, 100))})
np.savez("names.npz", x=x, names=np.array(["a", "b"]))
with zipfile.ZipFile("other.npz", "w") as z:
    z.writestr("readme.txt", "hello")
