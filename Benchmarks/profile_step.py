#!/usr/bin/env python3
"""Where the time of a step goes: oneDNN's own times of its primitives, summed by part, and what is left.

    python3 Benchmarks/profile_step.py .build/debug/Benchmark train --model minigooglenet
"""
import collections
import json
import os
import subprocess
import sys

steps = 10
command = sys.argv[1:] + ["--steps", str(steps), "--warm-up", "2"]
environment = dict(os.environ, ONEDNN_VERBOSE="1")
output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout.splitlines()

primitives = [line.rstrip().split(",") for line in output if ",exec," in line]
# The steps before the clock started did the same.
primitives = primitives[-(len(primitives) // (steps + 2)) * steps:]
times, counts = collections.Counter(), collections.Counter()
for fields in primitives:
    kind, direction, milliseconds = fields[3], fields[5], float(fields[-1])
    part = kind + " " + direction.removesuffix("_training").removesuffix("_inference").replace("undef", "")
    times[part] += milliseconds / steps
    counts[part] += 1 / steps

step = json.loads(output[-1])["step_seconds"]
mean = 1000 * step["mean"]
for part, milliseconds in times.most_common():
    print(f"| {part} | {counts[part]:.0f} | {milliseconds:.1f} |")
print(f"| normalization in our kernels, optimizer, loss | | {mean - sum(times.values()):.1f} |")
print(f"| the whole step | | {mean:.1f} |")
