"""Makes small.onnx, which Encode's bytes are held to: onnx 1.23.2's own protobuf messages. small.py > small.onnx"""

import sys

import numpy
from onnx import AttributeProto, TensorProto, helper, numpy_helper

body = helper.make_graph(
    [helper.make_node("Add", ["h", "x"], ["h2"], name="h2"), helper.make_node("Identity", ["h2"], ["y"], name="y")],
    "body",
    [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["N", 2]) for n in ("h", "x")],
    [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["N", 2]) for n in ("h2", "y")],
)
graph = helper.make_graph(
    [
        helper.make_node("Gemm", ["input", "w", ""], ["a"], name="a", transB=1, alpha=0.5),
        helper.make_node("RNN", ["a"], ["b", "c"], name="b", activations=["Tanh", ""]),
        helper.make_node("Scan", ["b", "c"], ["d", "output"], name="d", body=body, num_scan_inputs=1),
        helper.make_node("Transpose", ["d"], ["e"], name="e", perm=[0, -1, 300]),
    ],
    "small",
    [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3])],
    [helper.make_tensor_value_info("output", TensorProto.FLOAT, [])],
    [
        numpy_helper.from_array(numpy.array([[1, -0.0, 1e-40], [numpy.inf, numpy.nan, 2]], numpy.float32), "w"),
        numpy_helper.from_array(numpy.array(0.25, numpy.float32), "s"),
        numpy_helper.from_array(numpy.array([-1, 1 << 40], numpy.int64), "i"),
    ],
)
for node in list(graph.node) + list(body.node):  # make_node sorts its attributes; so do we
    assert [a.name for a in node.attribute] == sorted(a.name for a in node.attribute)
model = helper.make_model(graph, producer_name="cnnbench", ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
model.producer_version, model.doc_string = "1", "a text"
for key, value in {"class_names": '["Käse"]', "empty": ""}.items():
    entry = model.metadata_props.add()
    entry.key, entry.value = key, value
sys.stdout.buffer.write(model.SerializeToString(deterministic=True))
