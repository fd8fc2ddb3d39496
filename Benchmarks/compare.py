#!/usr/bin/env python3
"""Alternating runs of commands that print a JSON line with "images_per_second": medians and spread, as a table.

    python3 Benchmarks/compare.py ROUNDS 'name=command' 'name=command' ...

The machine is shared and its speed changes from minute to minute: what is compared has to run in turns.
"""
import json
import statistics
import subprocess
import sys

rounds = int(sys.argv[1])
commands = [argument.split("=", 1) for argument in sys.argv[2:]]
runs = {name: [] for name, _ in commands}
for _ in range(rounds):
    for name, command in commands:
        output = subprocess.run(command, shell=True, check=True, stdout=subprocess.PIPE, text=True).stdout
        runs[name].append(json.loads(output.splitlines()[-1]))

first = None
for name, results in runs.items():
    speeds = [result["images_per_second"] for result in results]
    memory = statistics.median(result.get("peak_rss_bytes", 0) for result in results) / 1e6
    median = statistics.median(speeds)
    first = first or median
    digits = 1 if median >= 10 else 2
    used = [result["cpu_seconds"] for result in results if "cpu_seconds" in result]
    rest = f" {statistics.median(used):.1f} s of processors ({min(used):.1f} to {max(used):.1f}) |" if used else ""
    print(
        f"| {name} | {median:.{digits}f} ({min(speeds):.{digits}f} to {max(speeds):.{digits}f}) | {memory:.0f} MB | {median / first:.2f} |{rest}")
