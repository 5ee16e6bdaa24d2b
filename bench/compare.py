#!/usr/bin/env python3
"""Runs cnnbench and the other frameworks on the same jobs, in turn on the same machine, and prints the tables of the README.

usage: compare.py nets [--nets lecture-cnn,mlp] [--batches 32,128] [--threads 2] [--rounds 3] [--seconds 2] [--isa avx2]
       compare.py gemm [--threads 1] [--rounds 3]         beside OpenBLAS (needs cc and libopenblas-dev)
       compare.py fit DIR                                 LeNet-5 on the four Fashion-MNIST files in DIR, whole processes
       compare.py scaling [--rounds 5]                    one thread and two, lecture-cnn at batch 128
       compare.py augment                                 pictures deformed a second on one core, beside Keras; training with and without
Everywhere: --cnnbench PROGRAM (else it is built from the tree), --venvs DIR: where the frameworks are, in torch, tensorflow
and jax; what is missing there is installed. --peers torch,tensorflow,jax or none leaves some out.

A round runs every side once; of the rounds the median counts, and of a framework's variants the fastest. Nothing else
should run meanwhile.
"""
import argparse, atexit, json, math, os, platform, re, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
NETS = ["lecture-cnn", "keras-mnist", "vgg-small", "lenet5", "mlp", "bn-net", "lstm-rows"]
PACKAGES = {"torch": ["torch", "numpy"], "tensorflow": ["tensorflow-cpu", "keras", "scipy", "pillow"], "jax": ["jax", "optax", "numpy"]}
# The variants of each framework that are worth running: name, script, arguments, environment.
PEERS = {
    "torch": [("torch_train.py", ["--fused", "--layout", "nhwc"], {}), ("torch_train.py", ["--fused", "--layout", "nchw"], {})],
    "tensorflow": [("keras_train.py", [], {"KERAS_BACKEND": "tensorflow"})],
    "jax": [("jax_train.py", [], {})],
}

def run(command, env={}, cwd=None):
    r = subprocess.run(command, env={**os.environ, **env}, cwd=cwd, capture_output=True, text=True)
    if r.returncode:
        sys.exit(f"{' '.join(command)}: exit code {r.returncode}\n{r.stderr[-2000:]}")
    return r.stdout

def lines(text): return [json.loads(l) for l in text.splitlines() if l.startswith("{")]

def folder():
    """A new folder that is there until this program ends."""
    f = tempfile.TemporaryDirectory()
    atexit.register(f.cleanup)
    return f.name

def build():
    out = os.path.join(folder(), "cnnbench")
    run(["go", "build", "-o", out, "."], {"CGO_ENABLED": "0"}, os.path.dirname(HERE))
    return out

def python(a, peer):
    """The interpreter of a framework's environment, which is made where it is missing."""
    home = os.path.join(a.venvs, peer)
    exe = os.path.join(home, "bin", "python")
    if not os.path.exists(exe):
        run([sys.executable, "-m", "venv", home])
        run([exe, "-m", "pip", "install", "-q", *PACKAGES[peer]])
    return exe

def machine():
    model, flags = platform.machine(), ""
    try:
        info = open("/proc/cpuinfo").read()
        model = re.search(r"model name\s*: (.*)", info).group(1)
        family, number = (re.search(rf"^{k}\s*: (\d+)", info, re.M).group(1) for k in ("cpu family", "model"))
        flags = re.search(r"flags\s*: (.*)", info).group(1)
        model += f" (family {family}, model {number})"
    except (OSError, AttributeError):
        pass
    return f"{model}, {os.cpu_count()} cores, {'AVX-512' if 'avx512f' in flags else 'AVX2' if 'avx2' in flags else 'no AVX2'}, {time.strftime('%Y-%m-%d')}"

def ours(a, net, batch, threads, isa="", convolution=""):
    command = [a.cnnbench, "bench", net, "--batch", str(batch), "--threads", str(threads), "--seconds", str(a.seconds), "--json"]
    if convolution:
        command += ["--convolution", convolution]
    return lines(run(command, {"CNNBENCH_ISA": isa} if isa else {}))[0]

def nets(a):
    seen = set()
    print(f"{machine()}; {a.threads} threads, medians of {a.rounds} rounds of {a.seconds:g} s\n")
    print("| network | batch | images/s | share of peak | " + "".join(f"{p} | " for p in a.peers) + "times the fastest |")
    print("| --- | --- | --- | --- | " + "--- | " * len(a.peers) + "--- |")
    for batch in a.batches:
        for net in a.nets:
            own, others = [], {p: [[] for _ in PEERS[p]] for p in a.peers}
            for _ in range(a.rounds):
                own.append(ours(a, net, batch, a.threads, a.isa, a.convolution))
                for p in a.peers:
                    for i, (script, args, env) in enumerate(PEERS[p]):
                        r = lines(run([python(a, p), os.path.join(HERE, script), net, "--batch", str(batch), "--threads", str(a.threads), "--seconds", str(a.seconds), *args], env))[0]
                        others[p][i].append(r["images_per_s"])
                        seen.add(r["peer"])
            rate, share = (statistics.median(r[k] or 0 for r in own) for k in ("images_per_s", "share"))
            best = {p: max(statistics.median(v) for v in variants) for p, variants in others.items()}
            ratio = f"{rate / max(best.values()):.2f}" if best else ""
            seen.add(f"{own[0]['peer']} on {own[0]['isa']}, peak {statistics.median(r['peak_gflops'] for r in own):.0f} GFLOPS")
            print(f"| {net} | {batch} | {rate:,.0f} | {100 * share:.0f} % | " + "".join(f"{best[p]:,.0f} | " for p in a.peers) + f"{ratio} |", flush=True)
    print("\n" + "; ".join(sorted(seen)))

def gemm(a):
    exe = os.path.join(folder(), "openblas_sgemm")
    run(["cc", "-O2", os.path.join(HERE, "openblas_sgemm.c"), "-o", exe, "-lopenblas"])
    own, theirs = {}, {}
    for _ in range(a.rounds):
        for r in lines(run([a.cnnbench, "bench", "gemm", "--threads", str(a.threads), "--json"], {"CNNBENCH_ISA": a.isa} if a.isa else {})):
            own.setdefault((r["m"], r["n"], r["k"]), []).append(r)
        for line in run([exe, str(a.threads)]).splitlines():
            m, n, k, _, rate = line.split()
            theirs.setdefault((int(m), int(n), int(k)), []).append(float(rate))
    print(f"{machine()}; {a.threads} threads, medians of {a.rounds} rounds\n")
    print("| M, N, K | GFLOPS | share of peak | OpenBLAS | ratio |\n| --- | --- | --- | --- | --- |")
    ratios = []
    for shape, rows in own.items():
        rate, share, other = statistics.median(r["gflops"] for r in rows), statistics.median(r["share"] or 0 for r in rows), statistics.median(theirs[shape])
        ratios.append(rate / other)
        print(f"| {', '.join(map(str, shape))} | {rate:.0f} | {100 * share:.0f} % | {other:.0f} | {rate / other:.2f} |")
    print(f"\ngeometric mean {math.exp(statistics.fmean(map(math.log, ratios))):.2f}; {rows[0]['isa']}")

def measured(command, env={}):
    """Wall time in seconds and most memory in MB of a process, and what it printed."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        p = subprocess.Popen(command, env={**os.environ, **env}, stdout=out, stderr=subprocess.STDOUT)
        _, status, use = os.wait4(p.pid, 0)
        seconds = time.perf_counter() - start
        out.seek(0)
        text = out.read().decode()
    if status:
        sys.exit(f"{' '.join(command)}: {text[-2000:]}")
    return seconds, use.ru_maxrss / 1000, text

def fit(a):
    print(f"{machine()}; LeNet-5 on Fashion-MNIST, 5 epochs, batch 32\n")
    print("| program | seconds | MB | test accuracy |\n| --- | --- | --- | --- |")
    sides = {"cnnbench": [], **{p: [] for p in a.peers if p in ("torch", "tensorflow")}}
    for i in range(a.rounds):
        home = folder()
        env = {"CNNBENCH_HOME": home, **({"CNNBENCH_ISA": a.isa} if a.isa else {})}
        s, mb, text = measured([a.cnnbench, "train", os.path.join(HERE, "fit_fashion.yaml"), "--set", "data.source=" + os.path.abspath(a.dir), "--name", "fit", "--json"], env)
        s2, mb2, text = measured([a.cnnbench, "evaluate", "fit", "--split", "test", "--json"], env)
        sides["cnnbench"].append((s + s2, max(mb, mb2), lines(text)[0]["accuracy"]))
        for p, name in (("torch", "torch"), ("tensorflow", "keras")):
            if p in sides:
                s, mb, text = measured([python(a, p), os.path.join(HERE, "fit_fashion.py"), name, a.dir])
                sides[p].append((s, mb, lines(text)[0]["test_accuracy"]))
    for name, rows in sides.items():
        s, mb, accuracy = (statistics.median(r[i] for r in rows) for i in range(3))
        print(f"| {name} | {s:.1f} | {mb:.0f} | {accuracy:.3f} |")

def scaling(a):
    one, two = [], []
    for _ in range(a.rounds):
        one.append(ours(a, "lecture-cnn", 128, 1, a.isa)["images_per_s"])
        two.append(ours(a, "lecture-cnn", 128, 2, a.isa)["images_per_s"])
    one, two = statistics.median(one), statistics.median(two)
    print(f"{machine()}; lecture-cnn, batch 128: one thread {one:,.0f} images/s, two {two:,.0f}: {two / one:.2f} times")

# Every range of Keras's ImageDataGenerator.
RANGES = ("{rotation_range: 40, width_shift_range: 0.2, height_shift_range: 0.2, shear_range: 0.2, zoom_range: 0.2, channel_shift_range: 20, "
          "brightness_range: [0.8, 1.2], horizontal_flip: true, vertical_flip: true}")

def augment(a):
    own, theirs = {}, {}
    for _ in range(a.rounds):
        text = run(["go", "test", "-run", "^$", "-bench", "Apply/.*/nearest", "-cpu", "1", "./dataset/augment"], cwd=os.path.dirname(HERE))
        for shape, rate in re.findall(r"^BenchmarkApply/(\w+)/nearest\S*\s.*?([\d.]+) pictures/s", text, re.M):
            own.setdefault(shape, []).append(float(rate))
        if "tensorflow" in a.peers:
            for r in lines(run([python(a, "tensorflow"), os.path.join(HERE, "keras_augment.py"), "--seconds", str(a.seconds)])):
                theirs.setdefault(r["shape"], []).append(r["pictures_per_s"])
    print(f"{machine()}; one core, every range on, medians of {a.rounds} rounds\n")
    print("| picture | cnnbench, pictures/s | Keras's ImageDataGenerator | ratio |\n| --- | --- | --- | --- |")
    for shape, rates in own.items():
        rate, other = statistics.median(rates), statistics.median(theirs.get(shape, [math.nan]))
        print(f"| {shape} | {rate:,.0f} | {other:,.0f} | {rate / other:.0f} |")
    print(f"\n| training, {a.threads} threads | images/s | augmented | share |\n| --- | --- | --- | --- |")
    for net in ["lecture-cnn", "lenet5"]:
        ways = {"{}": [], RANGES: []}
        for _ in range(a.rounds):
            for way, rates in ways.items():
                with tempfile.TemporaryDirectory() as home:
                    command = [a.cnnbench, "train", net, "--json", "--threads", str(a.threads), "--set", "data.limit=6000", "--set", "fit.epochs=3", "--set", "data.augment=" + way]
                    epochs = lines(run(command, {"CNNBENCH_HOME": home}))[1:-1]
                rates += [e["images_per_s"] for e in epochs]
        plain, deformed = (statistics.median(r) for r in ways.values())
        print(f"| {net} | {plain:,.0f} | {deformed:,.0f} | {100 * deformed / plain:.0f} % |")

def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("job", choices=["nets", "gemm", "fit", "scaling", "augment"])
    a.add_argument("dir", nargs="?")
    split = lambda s: [x for x in s.split(",") if x]
    a.add_argument("--nets", type=split, default=NETS)
    a.add_argument("--batches", type=lambda s: [int(x) for x in split(s)], default=[32])
    a.add_argument("--threads", type=int)
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--seconds", type=float, default=2)
    a.add_argument("--isa", default="")
    a.add_argument("--convolution", default="")
    a.add_argument("--cnnbench")
    a.add_argument("--venvs", default=os.path.join(os.path.expanduser("~"), ".cache", "cnnbench-peers"))
    a.add_argument("--peers", type=lambda v: [] if v == "none" else split(v), default=list(PEERS))
    a = a.parse_args()
    a.threads = a.threads or (1 if a.job == "gemm" else 2)
    if a.job == "fit" and not a.dir:
        sys.exit("fit needs the folder of the four IDX files, plain or gzipped")
    a.cnnbench = a.cnnbench or build()
    {"nets": nets, "gemm": gemm, "fit": fit, "scaling": scaling, "augment": augment}[a.job](a)

if __name__ == "__main__":
    main()
