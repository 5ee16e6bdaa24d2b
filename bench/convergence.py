#!/usr/bin/env python3
"""Trains to convergence with Winograd's convolutions and with direct ones, over several seeds, and prints where they end.

usage: convergence.py PRESET SOURCE [--seeds 5] [--first 1] [--epochs 40] [--patience 6] [--threads N] [--cnnbench PROGRAM]
       convergence.py keras-mnist fashion-mini
       convergence.py vgg-small DIR        DIR: a folder of pictures, such as CIFAR-10's

A run ends when val_loss has not improved for some epochs, and goes back to its best weights. The test part counts.
Runs with the same seed have the same first weights, batches and draws.
"""
import argparse, json, math, os, statistics, subprocess, sys
from compare import build, folder, lines

def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("preset")
    a.add_argument("source")
    a.add_argument("--seeds", type=int, default=5)
    a.add_argument("--first", type=int, default=1, help="the first seed")
    a.add_argument("--epochs", type=int, default=40)
    a.add_argument("--patience", type=int, default=6)
    a.add_argument("--threads", type=int, default=os.cpu_count())
    a.add_argument("--cnnbench")
    a = a.parse_args()
    a.cnnbench = a.cnnbench or build()
    source = os.path.abspath(a.source) if os.path.exists(a.source) else a.source
    home = folder()
    env = {**os.environ, "CNNBENCH_HOME": home}
    def run(*args):
        r = subprocess.run([a.cnnbench, *args, "--threads", str(a.threads)], env=env, capture_output=True, text=True)
        if r.returncode:
            sys.exit(r.stderr)
        return r.stdout
    ends = {"auto": [], "im2col": []}
    for seed in range(a.first, a.first + a.seeds):
        for way, rows in ends.items():
            name = f"{way}-{seed}"
            callback = f"[{{early_stopping: {{monitor: val_loss, patience: {a.patience}, restore_best_weights: true}}}}]"
            epochs = lines(run("train", a.preset, "--name", name, "--json", "--set", "data.source=" + source, "--set", f"seed={seed}", "--set", "data.limit=null",
                               "--set", f"compile.convolution={way}", "--set", f"fit.epochs={a.epochs}", "--set", "fit.callbacks=" + callback))[:-1]
            test = lines(run("evaluate", name, "--split", "test", "--json"))[0]
            best = min(e["val_loss"] for e in epochs)
            rows.append((test["accuracy"], test["loss"], best, len(epochs)))
            print(f"{way:7} seed {seed}: {len(epochs)} epochs, best val_loss {best:.4f}, test loss {test['loss']:.4f}, test accuracy {test['accuracy']:.4f}", flush=True)
    print(f"\n| {a.preset}, {os.path.basename(source)} | test accuracy, mean ± s | test loss | best val_loss | epochs |\n| --- | --- | --- | --- | --- |")
    for way, rows in ends.items():
        mean = [statistics.fmean(c) for c in zip(*rows)]
        s = [statistics.stdev(c) for c in zip(*rows)]
        print(f"| {way} | {mean[0]:.4f} ± {s[0]:.4f} | {mean[1]:.4f} ± {s[1]:.4f} | {mean[2]:.4f} ± {s[2]:.4f} | {mean[3]:.1f} |")
    d = [x[0] - y[0] for x, y in zip(ends["auto"], ends["im2col"])]
    print(f"\ndifference of the test accuracies by seed: {statistics.fmean(d):+.4f} ± {statistics.stdev(d) / math.sqrt(len(d)):.4f} (standard error)")

if __name__ == "__main__":
    main()
