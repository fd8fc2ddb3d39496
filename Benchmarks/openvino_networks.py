#!/usr/bin/env python3
"""Predictions of the networks of `torch_networks.py` in OpenVINO, to hold `Benchmark predict` against.

    python3 Benchmarks/openvino_networks.py --model inceptionv3 --batch-size 8 --steps 10 --threads 2

One float32 batch that stays where it is, one request at a time; the JSON line is `Benchmark`'s.
"""
import argparse
import json
import statistics
import time

import openvino
import torch

from torch_networks import NETWORKS


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=NETWORKS, default="inceptionv3")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    flags = parser.parse_args()

    make, side, _, _ = NETWORKS[flags.model]
    images = torch.randn(flags.batch_size, 3, side, side)
    converted = openvino.convert_model(make().eval(), example_input=images, input=[list(images.shape)])
    network = openvino.Core().compile_model(converted, "CPU", {
        "INFERENCE_NUM_THREADS": flags.threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"})
    request = network.create_infer_request()
    request.set_input_tensor(openvino.Tensor(images.numpy()))
    seconds = []
    for step in range(flags.warm_up + flags.steps):
        start = time.perf_counter()
        request.infer()
        if step >= flags.warm_up:
            seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    print(json.dumps({
        "system": "openvino " + openvino.__version__, "mode": "predict", "model": flags.model,
        "batch_size": flags.batch_size, "threads": flags.threads,
        "images_per_second": round(flags.batch_size / median, 1),
        "step_seconds": {"min": min(seconds), "median": median, "max": max(seconds)}}))


if __name__ == "__main__":
    main()
