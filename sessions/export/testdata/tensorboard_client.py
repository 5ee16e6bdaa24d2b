"""Reads a log folder with TensorBoard's own reader and prints all that it found, as JSON: run, tag, then step, time and values.

Usage: tensorboard_client.py FOLDER
"""
import json
import os
import struct
import sys

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

found = {}
for run in sorted(os.listdir(sys.argv[1])):
    log = EventAccumulator(os.path.join(sys.argv[1], run), size_guidance={"tensors": 0})
    log.Reload()
    tags = log.Tags()
    assert not any(tags[kind] for kind in ("scalars", "histograms", "images")), "values of the kind before TensorFlow 2"
    found[run] = {}
    for tag in tags["tensors"]:
        plugin = log.SummaryMetadata(tag).plugin_data.plugin_name
        series = []
        for event in log.Tensors(tag):
            array = tensor_util.make_ndarray(event.tensor_proto)
            one = {"step": event.step, "time": event.wall_time, "values": [], "text": ""}
            if plugin == "scalars":
                assert array.shape == () and array.dtype == np.float32, array
                one["values"] = [float(array)]
            elif plugin == "histograms":
                assert array.shape[1] == 3 and array.dtype == np.float64, array.shape
                one["values"] = array.reshape(-1).tolist()
            elif plugin == "images":
                width, height, png = array.tolist()
                assert png[:8] == b"\x89PNG\r\n\x1a\n"
                size = struct.unpack(">II", png[16:24])  # of its header
                assert size == (int(width), int(height)), (size, width, height)
                one["values"] = list(size)
            elif plugin == "text":
                one["text"] = array.tolist()[0].decode()
            else:
                raise SystemExit(f"{tag} is for a plugin {plugin!r}")
            series.append(one)
        found[run][tag] = series
json.dump(found, sys.stdout)
