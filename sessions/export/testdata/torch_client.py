"""Runs PyTorch scripts, loads PyTorch weights with the safetensors library, and compares: torch_client.py JOBS.json"""

import contextlib
import io
import json
import runpy
import sys

import numpy
import safetensors.torch
import torch

torch.set_num_threads(1)


def first(a):
    """Moves the channels of pictures to the front."""
    return a.movedim(-1, 1).contiguous() if a.dim() == 4 else a


def off(got, want):
    if got.shape != want.shape:
        raise ValueError(f"the shape is {tuple(got.shape)}, want {tuple(want.shape)}")
    return float((got - want).abs().max() / max(1, float(want.abs().max())))


def command(path, *arguments):
    """Runs a script as a command."""
    sys.argv = [path, *arguments]
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            runpy.run_path(path, run_name="__main__")
        except SystemExit as e:
            if e.code not in (0, None):
                raise ValueError(f"{arguments} ended with {e.code}: {out.getvalue()}")
    return out.getvalue()


results = []
for job in json.load(open(sys.argv[1])):
    with numpy.load(job["data"], allow_pickle=False) as data:
        x, y = first(torch.tensor(data["x"])), first(torch.tensor(data["y"]))

    def report(what, check):
        try:
            results.append({"name": job["name"], "what": what, "diff": check()})
        except Exception as e:  # each failure is a finding
            results.append({"name": job["name"], "what": what, "diff": 0, "error": f"{type(e).__name__}: {e}"})

    def predictions(script, weights=None):
        if weights:
            model = script["network"]().eval()
            with safetensors.safe_open(weights, framework="pt") as f:
                if f.metadata()["format"] != "pt" or len(json.loads(f.metadata()["modules"])) != len(model):
                    raise ValueError(f"the metadata are {f.metadata()}")
            model.load_state_dict(safetensors.torch.load_file(weights), strict=True)
        else:
            model = script["load"]()
        samples = x
        if job["more"].get("raw"):  # pictures as files have them
            samples = script["preprocess"](x.movedim(1, -1))
        with torch.no_grad():
            return off(model(samples), y)

    def augmented():
        """The script's augmentation with draws that are given, against our pictures."""
        script = runpy.run_path(job["path"], run_name="script")
        draws = [torch.tensor(d, dtype=torch.float32) for d in job["more"]["draws"]]

        class Given:
            def uniform_(self, low, high):
                drawn = draws.pop(0)
                if float(drawn.min()) < low - 1e-6 or float(drawn.max()) > high + 1e-6:
                    raise ValueError(f"{drawn} is not from {low} to {high}")
                return drawn

        empty, torch.empty = torch.empty, lambda *_: Given()
        try:
            return off(script["augment"](x), y)
        finally:
            torch.empty = empty

    def trained():
        """The weights after the script's own training, against ours."""
        script = runpy.run_path(job["path"], run_name="script")
        model = script["load"]()
        with contextlib.redirect_stdout(io.StringIO()):
            script["train"](model, *script["read_npz"](job["more"]["train"]))
        state = model.state_dict()
        want = safetensors.torch.load_file(job["more"]["after"])
        return max(off(state[k], v) for k, v in want.items() if v.dtype == torch.float32 and not k.endswith("running_var"))

    if "draws" in job["more"]:
        report("augment", augmented)
    if "weights" in job["more"]:
        try:
            script = runpy.run_path(job["path"], run_name="script")
        except Exception as e:
            report("script", lambda: (_ for _ in ()).throw(e))
            continue
        report("script", lambda: predictions(script))
        report("safetensors", lambda: predictions(script, job["more"]["weights"]))
        with contextlib.redirect_stdout(io.StringIO()):
            report("selfcheck", lambda: 0.0 if script["selfcheck"]() else 1.0)
    if job["more"].get("command"):
        report("--selfcheck", lambda: 0.0 if "as they should be" in command(job["path"], "--selfcheck") else 1.0)
        report("summary", lambda: 0.0 if "parameters" in command(job["path"]) else 1.0)
    if "train" in job["more"]:
        report("--train", lambda: 0.0 if "loss: " in command(job["path"], "--train", job["more"]["train"], "--epochs", "1", "--fresh") else 1.0)
    if "after" in job["more"]:
        report("training", trained)
print(json.dumps(results))
