"""Opens ONNX files with onnx and onnxruntime and compares what they predict: onnx_client.py JOBS.json"""

import json
import sys

import numpy
import onnx
import onnx.reference
import onnxruntime

onnxruntime.set_default_logger_severity(3)


def first(a):
    """Moves the channels of pictures to the front."""
    return numpy.ascontiguousarray(numpy.moveaxis(a, -1, 1)) if a.ndim == 4 else a


def off(got, want):
    if got.shape != want.shape:
        raise ValueError(f"the shape is {got.shape}, want {want.shape}")
    return float(numpy.abs(got - want).max() / max(1, numpy.abs(want).max()))


def runtime(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(["output"], {"input": x})[0]


def reference(model):
    evaluator = onnx.reference.ReferenceEvaluator(model)
    return lambda x: evaluator.run(["output"], {"input": x})[0]


# What the reference evaluator does not do as the standard says: activations and outputs of recurrent operations.
unsupported = {"LSTM", "RNN"}

results = []
for job in json.load(open(sys.argv[1])):
    with numpy.load(job["data"], allow_pickle=False) as data:
        x, y = data["x"], data["y"]
    if job.get("first"):
        x, y = first(x), first(y)

    def report(what, check):
        try:
            results.append({"name": job["name"], "what": what, "diff": check()})
        except Exception as e:  # each failure is a finding
            results.append({"name": job["name"], "what": what, "diff": 0, "error": f"{type(e).__name__}: {e}"})

    def checked():
        onnx.checker.check_model(onnx.load(job["path"]), full_check=True)
        model = onnx.shape_inference.infer_shapes(onnx.load(job["path"]), strict_mode=True, data_prop=True)
        want = {p.key: p.value for p in model.metadata_props}
        for key, value in job.get("more", {}).items():
            if want.get(key) != value:
                raise ValueError(f"the metadata {key} is {want.get(key)}, want {value}")
        if (model.ir_version, model.opset_import[0].version) != (8, 17):
            raise ValueError(f"ir {model.ir_version}, opset {model.opset_import[0].version}")
        return 0.0

    report("onnx.checker", checked)
    try:
        predict = runtime(job["path"])
    except Exception as e:
        report("onnxruntime", lambda: (_ for _ in ()).throw(e))
        continue
    report("onnxruntime", lambda: off(predict(x), y))
    report("onnxruntime, one sample", lambda: off(predict(x[:1]), y[:1]))
    model = onnx.load(job["path"])
    if x.size < 1000 and not unsupported & {n.op_type for n in model.graph.node}:
        report("onnx.reference", lambda: off(reference(model)(x), y))
print(json.dumps(results))
