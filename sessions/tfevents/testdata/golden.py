"""Writes golden.tfevents with TensorBoard's own messages, summaries and checksum (tensorboard 2.21, numpy 2.4, protobuf 7.36).

The file's events are those of TestGolden. Run here: python golden.py
"""
import struct

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.plugins.histogram import summary_v2 as histogram
from tensorboard.plugins.scalar import summary_v2 as scalar
from tensorboard.plugins.text import summary_v2 as text


def image(tag, width, height, pngs):
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING)
    tensor.tensor_shape.dim.add(size=2 + len(pngs))
    tensor.string_val.extend([str(width).encode(), str(height).encode()] + pngs)
    s = summary_pb2.Summary()
    v = s.value.add(tag=tag, tensor=tensor)
    v.metadata.plugin_data.plugin_name = "images"
    v.metadata.data_class = summary_pb2.DATA_CLASS_BLOB_SEQUENCE
    return s


def figure(tag, value):
    s = scalar.scalar_pb(tag, value)
    content = struct.pack("<f", value)  # as TensorFlow has it: scalar_pb takes float_val
    s.value[0].tensor.ClearField("float_val")
    s.value[0].tensor.tensor_content = content
    return classed(s, summary_pb2.DATA_CLASS_SCALAR)


def classed(s, data_class):
    s.value[0].metadata.data_class = data_class  # what TensorBoard's reader adds to the known plugins' values
    return s


def spread(tag, values):
    return classed(histogram.histogram_pb(tag, np.float64(values)), summary_pb2.DATA_CLASS_TENSOR)


def texts(tag, words):
    return classed(text.text_pb(tag, np.array(words, dtype=object)), summary_pb2.DATA_CLASS_TENSOR)


with open("golden.tfevents", "wb") as out:

    def record(event):
        data = event.SerializeToString(deterministic=True)
        n = struct.pack("<Q", len(data))
        out.write(n + struct.pack("<I", masked_crc32c(n)) + data + struct.pack("<I", masked_crc32c(data)))

    def event(time, step, *summaries):
        e = event_pb2.Event(wall_time=time, step=step)
        for s in summaries:
            e.summary.value.extend(s.value)
        record(e)

    e = event_pb2.Event(wall_time=1.7e9, file_version="brain.Event:2")
    e.source_metadata.writer = "cnnbench"
    record(e)
    event(1.7e9 + 0.25, 0, figure("epoch_loss", 0.1), figure("epoch_f\u00fcr \"<x>\"", float("inf")))
    event(1.7e9 + 1.5, 300, figure("epoch_loss", float("nan")))
    values = np.float32([-1.25, 0, 0.1, 0.5, 2, 1e-40, 0.3333333, 1.9999])
    event(1.7e9 + 2, 1 << 40, spread("w", values), spread("same", [3, 3, 3]))
    event(1.7e9 + 3, 2, image("filters", 3, 2, [b"\x89PNG\x00", b"two"]), texts("experiment", ["a: 1", "b <script>"]))
