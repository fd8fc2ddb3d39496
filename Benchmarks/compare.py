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
    print(f"| {name} | {median:.1f} ({min(speeds):.1f} to {max(speeds):.1f}) | {memory:.0f} MB | {median / first:.2f} |")
