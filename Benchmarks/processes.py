#!/usr/bin/env python3
"""What several processes cost on this machine, and a model on paper of what they would cost on many.

    python3 Benchmarks/processes.py ROUNDS [MODEL] [BATCH_SIZE] [STEPS]

Measures in turns: one process with two threads against two processes with one; gradients that travel during the backward
pass, after it, and as bfloat16; four processes on the two processors. The model below takes its step time and its bytes
from these runs, and is checked against them.
"""
import json
import math
import os
import statistics
import subprocess
import sys

if len(sys.argv) < 2 or not sys.argv[1].isdigit():
    sys.exit(__doc__)
rounds = int(sys.argv[1])
model = sys.argv[2] if len(sys.argv) > 2 else "minigooglenet"
batch = int(sys.argv[3]) if len(sys.argv) > 3 else 64
steps = int(sys.argv[4]) if len(sys.argv) > 4 else 15
program = os.environ.get("BENCHMARK", ".build/debug/Benchmark")
if not os.path.exists(program):
    sys.exit(f"there is no {program}: swift build --product Benchmark")
environment = dict(
    os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_rmaps_base_oversubscribe="1")


def start(processes, threads, flags=(), size=None):
    launcher = ["mpirun", "-n", str(processes)] if processes else []
    command = launcher + [
        program, "train", "--model", model, "--batch-size", str(size or batch), "--steps", str(steps), "--threads",
        str(threads), *flags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def result(run):
    output = run.communicate()[0]
    if run.returncode:
        sys.exit(f"{' '.join(run.args)} has failed")
    return json.loads([text for text in output.splitlines() if text.startswith("{")][-1])


def line(processes, threads, flags=()):
    return result(start(processes, threads, flags))


def apart(processes):
    """As many processes at once that do not know of each other, each with its part of the batch."""
    runs = [start(0, 1, size=batch // processes) for _ in range(processes)]
    return {"images_per_second": sum(result(run)["images_per_second"] for run in runs)}


cases = {
    "1 process, 2 threads": lambda: line(0, 2),
    "2 processes, 1 thread": lambda: line(2, 1),
    "the same, after the backward pass": lambda: line(2, 1, ["--no-overlap"]),
    "the same, bfloat16": lambda: line(2, 1, ["--gradient-format", "bfloat16"]),
    "the same, synchronized normalization": lambda: line(2, 1, ["--sync-batch-norm"]),
    "4 processes on the 2 processors": lambda: line(4, 1),
    "2 processes that exchange nothing": lambda: apart(2),
    "4 processes that exchange nothing": lambda: apart(4),
}
runs = {name: [] for name in cases}
for _ in range(rounds):
    for name, run in cases.items():
        runs[name].append(run())


def median(name, value):
    return statistics.median(value(run) for run in runs[name])


def speeds(name):
    return [run["images_per_second"] for run in runs[name]]


one = median("1 process, 2 threads", lambda run: run["images_per_second"])
print(f"{model}, batches of {batch}, {rounds} alternating runs of {steps} steps; medians, with the range in brackets\n")
print("| | images/s | over 1 process | bytes given into sums, a step | waited, a step |")
print("|---|---|---|---|---|")
for name in cases:
    speed = statistics.median(speeds(name))
    ratio = f"{speed / one:.2f}"
    sent = median(name, lambda run: run.get("bytes_per_step", 0))
    waited = median(name, lambda run: run.get("seconds_waited_per_step", 0))
    print(
        f"| {name} | {speed:.1f} ({min(speeds(name)):.1f} to {max(speeds(name)):.1f}) | {ratio} | "
        f"{sent / 1e6:.2f} MB | {1e3 * waited:.1f} ms |")

# MARK: - On paper


def exchange(processes, size, latency, bandwidth, buckets):
    """Seconds of a sum over all: a ring for each bucket, in 2 (p - 1) rounds, each of which carries 1 / p of it."""
    rounds = 2 * (processes - 1)
    return buckets * rounds * latency + rounds / processes * size / bandwidth


def small_sum(processes, latency):
    """Two sums of a few numbers a step: the scores, and whether to stop."""
    return 2 * 2 * math.ceil(math.log2(processes)) * latency


def efficiency(processes, seconds, size, latency, bandwidth, buckets=7, backward=2 / 3):
    """The share of a step that is computing. All buckets but the last may travel while the backward pass goes on."""
    whole = exchange(processes, size, latency, bandwidth, buckets)
    hidden = min(whole * (buckets - 1) / buckets, backward * seconds)
    return seconds / (seconds + whole - hidden + small_sum(processes, latency))


size = median("2 processes, 1 thread", lambda run: run["bytes_per_step"])
seconds = batch / one
print(f"\nA machine computes {batch} images in {seconds:.3f} s and gives {size / 1e6:.2f} MB into sums:\n")
print("| machines | " + " | ".join(f"{rate} Gbit/s, {us} us" for rate, us in [(10, 30), (100, 5)]) + " |")
print("|---|---|---|")
for machines in [2, 8, 64, 512, 4096]:
    shares = [efficiency(machines, seconds, size, us * 1e-6, rate * 1e9 / 8) for rate, us in [(10, 30), (100, 5)]]
    print(f"| {machines} | " + " | ".join(f"{100 * share:.1f} %" for share in shares) + " |")

# Memory carries the numbers here: its speed follows from the wait after the backward pass.
waited = median("the same, after the backward pass", lambda run: run["seconds_waited_per_step"])
bandwidth = size / max(waited, 1e-6)
print("\n| on this machine | measured | by the model |\n|---|---|---|")
for name, processes in [("2 processes, 1 thread", 2), ("4 processes on the 2 processors", 4)]:
    nothing = f"{processes} processes that exchange nothing"
    computing = batch / median(nothing, lambda run: run["images_per_second"])
    share = efficiency(processes, computing, size, 2e-6, bandwidth)
    print(f"| {name} | {statistics.median(speeds(name)):.1f} images/s | {batch / computing * share:.1f} |")
after = median("the same, after the backward pass", lambda run: run["seconds_waited_per_step"])
during = median("2 processes, 1 thread", lambda run: run["seconds_waited_per_step"])
print(f"\nHidden behind the backward pass: {100 * (1 - during / after):.0f} % of {1e3 * after:.1f} ms.")
