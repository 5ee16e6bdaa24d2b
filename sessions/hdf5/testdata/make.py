"""Makes the HDF5 files of this folder with h5py 3.14 (HDF5 1.14.6): python make.py. Values follow from a formula, which
the tests know too: element i of an array is i/8 - 3, as a whole number i % 100."""
import os
import h5py
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))


def ramp(*shape):
    return (np.arange(int(np.prod(shape)), dtype="float64") / 8 - 3).reshape(shape).astype("float32")


def fill(f, members):
    f.attrs["variable"] = "Zahl π"
    f.attrs["fixed"] = np.bytes_("fixed text")
    f.attrs["names"] = np.array(["kernel:0", "bias:0"], dtype=h5py.string_dtype())
    f.attrs["fixed_names"] = np.array([b"a", b"bcd"])
    f.attrs["number"] = 2.5
    f.attrs["none"] = np.zeros(0)
    f.attrs["empty"] = h5py.Empty("f")
    g = f.create_group("layers/dense/vars")
    g.create_dataset("0", data=ramp(3, 5))
    g.create_dataset("1", data=ramp(5).astype("float64"))
    for kind in ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]:
        f.create_dataset("whole/" + kind, data=np.arange(7).astype(kind))
    f.create_dataset("whole/negative", data=np.array([-1, -128], dtype="int8"))
    f.create_dataset("scalar", data=np.float32(1.5))
    f.create_dataset("zero", data=np.zeros((0, 3), "float32"))
    f.create_dataset("half", data=np.zeros(3, "float16"))  # of a type that is not read
    f.create_dataset("text", data=np.array(["one", "", "three"], dtype=h5py.string_dtype()))
    dcpl = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    dcpl.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((2, 2))
    d = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, space, dcpl)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, ramp(2, 2))
    many = f.create_group("many")
    for i in range(members):
        many.create_group(f"group_{i}")


for name, version, members in [("earliest", "earliest", 40), ("latest", "latest", 300)]:
    with h5py.File(os.path.join(here, name + ".h5"), "w", libver=version) as f:
        fill(f, members)
        if version == "earliest":
            f.create_dataset("chunked", data=ramp(10, 7), chunks=(4, 3))
            f.create_dataset("packed", data=ramp(10, 7, 3), chunks=(4, 3, 3), compression="gzip", shuffle=True)
            f.create_dataset("zipped", data=ramp(100), chunks=(33,), compression="gzip")
            f.create_dataset("strewn", data=ramp(300), chunks=(1,))  # more chunks than a node of their tree holds
        else:
            for i in range(20):
                f["many"].attrs[f"attribute {i}"] = i

# Small ones for fuzzing.
with h5py.File(os.path.join(here, "small.h5"), "w", libver="earliest") as f:
    f.attrs["name"] = "text"
    f.create_dataset("a/0", data=ramp(8), chunks=(4,), compression="gzip", shuffle=True)
with h5py.File(os.path.join(here, "small_latest.h5"), "w", libver="latest") as f:
    for i in range(9):
        f.create_dataset(str(i), data=ramp(2))
        f.attrs[str(i)] = "text"
