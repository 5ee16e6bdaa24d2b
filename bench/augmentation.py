#!/usr/bin/env python3
"""Trains the lecture's network with and without the lecture's augmentation, over several seeds, and prints what it did.

usage: augmentation.py [--source shapes] [--classes A,B,C] [--color grayscale] [--seeds 5] [--first 1] [--train 150]
                       [--validation 600] [--epochs 60] [--batch 10] [--threads N] [--cnnbench PROGRAM]
       augmentation.py                                                    drawn shapes, in grey
       augmentation.py --source shapes --color rgb                        in colour: to be told apart without their shapes
       augmentation.py --source fashion-mini --classes Pullover,Coat,Shirt
       augmentation.py --source DIR --classes cat,dog,horse               three folders of a tree of pictures, such as CIFAR-10's

Both runs of a seed are the presets lecture-plain and lecture-augmented and differ in nothing else: they have the same
pictures, split, first weights and order. The seed chooses all of those anew. What counts is the validation accuracy at the
end, as the mean of the last five epochs; the best epoch is told beside it, though nobody can choose it without looking.
Pictures of a source other than shapes are brought to the lecture's 24x24.
"""
import argparse, math, os, statistics, subprocess, sys, tempfile
from compare import build, lines

WAYS = {"lecture-plain": "without", "lecture-augmented": "with"}
LAST = 5

def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--source", default="shapes", help="shapes, fashion-mini or a folder")
    a.add_argument("--classes", help="names with commas between; of fashion-mini T-shirt,Trouser,Pullover if none are given")
    a.add_argument("--color", choices=["grayscale", "rgb"], help="shapes: grayscale, others: rgb, if not given")
    a.add_argument("--seeds", type=int, default=5)
    a.add_argument("--first", type=int, default=1, help="the first seed")
    a.add_argument("--train", type=int, default=150, help="pictures to learn from")
    a.add_argument("--validation", type=int, default=600)
    a.add_argument("--epochs", type=int, default=60)
    a.add_argument("--batch", type=int, default=10)
    a.add_argument("--threads", type=int, default=os.cpu_count())
    a.add_argument("--cnnbench")
    a = a.parse_args()
    if a.seeds < 1 or a.epochs < 1:
        sys.exit("--seeds and --epochs need 1 or more")
    a.cnnbench = a.cnnbench or build()
    drawn = a.source == "shapes"
    source = os.path.abspath(a.source) if os.path.exists(a.source) else a.source
    if os.path.exists(a.source) and not a.classes:
        sys.exit(f"--classes: name three of the folders in {a.source}")
    classes = a.classes or ("T-shirt,Trouser,Pullover" if a.source == "fashion-mini" else "")
    color = a.color or ("grayscale" if drawn else "rgb")
    size = "" if drawn else "size: [24, 24], interpolation: bilinear, "
    settings = {"data.source": source, "data.image": f"{{{size}color: {color}}}", "data.limit": a.train + a.validation,
                "data.split": f"{{validation: {a.validation}, stratify: true}}", "fit.epochs": a.epochs, "fit.batch_size": a.batch}
    if classes:
        settings["data.classes"] = "[" + ", ".join(f"'{c.strip()}'" for c in classes.split(",")) + "]"
    home = tempfile.TemporaryDirectory()
    env = {**os.environ, "CNNBENCH_HOME": home.name}

    def train(preset, seed):
        """Each epoch's validation accuracy."""
        sets = [x for k, v in {**settings, "seed": seed}.items() for x in ("--set", f"{k}={v}")]
        r = subprocess.run([a.cnnbench, "train", preset, "--name", f"{preset}-{seed}", "--json", "--threads", str(a.threads), *sets],
                           env=env, capture_output=True, text=True)
        if r.returncode:
            sys.exit(r.stderr)
        return [e["val_accuracy"] for e in lines(r.stdout)[:-1]]

    ends, bests = {p: [] for p in WAYS}, {p: [] for p in WAYS}
    for seed in range(a.first, a.first + a.seeds):
        for preset, way in WAYS.items():
            accuracy = train(preset, seed)
            ends[preset].append(statistics.fmean(accuracy[-LAST:]))
            bests[preset].append(max(accuracy))
            print(f"seed {seed} {way:7}: validation accuracy {ends[preset][-1]:.4f} at the end, {bests[preset][-1]:.4f} in the best epoch", flush=True)

    what = os.path.basename(os.path.normpath(source)) + (f" ({classes})" if classes else "") + f", {color}"
    deviation = lambda v: statistics.stdev(v) if len(v) > 1 else 0
    print(f"\n{what}: {a.train} training and {a.validation} validation pictures, {a.epochs} epochs, {a.seeds} seeds\n")
    print("| validation accuracy, mean ± standard deviation | without | with | difference by seed |\n| --- | --- | --- | --- |")
    for name, rows in ("at the end", ends), ("in the best epoch", bests):
        plain, augmented = rows.values()
        difference = [y - x for x, y in zip(plain, augmented)]
        cells = [f"{statistics.fmean(v):.4f} ± {deviation(v):.4f}" for v in (plain, augmented)]
        print(f"| {name} | {cells[0]} | {cells[1]} | {statistics.fmean(difference):+.4f} ± {deviation(difference) / math.sqrt(len(difference)):.4f} |")
    print("\nThe last column is the mean of the seeds' differences and its standard error.")

if __name__ == "__main__":
    main()
