#!/usr/bin/env python3
"""What PyTorch reaches on this GPU, in each way of running it that is known to help, as lines of JSON.

Every line is one network, batch size and variant: images per second of training or predicting one resident batch, as in
`torch_networks.py`. All are channels_last. The best line of a network and a batch is what this package is compared
with.
A combination of which the file --done has a line of this GPU is passed over, so that a run that was stopped resumes.
"""
import argparse, json, os, statistics, time

import torch
from torch import nn

from torch_networks import NETWORKS

# From those that compile in no time to those that take minutes: a run that is stopped has the first.
VARIANTS = {
    "float32": dict(),
    "bfloat16": dict(half=True),
    "tf32, graph": dict(tf32=True, graph=True),
    "bfloat16, graph": dict(half=True, graph=True),
    "tf32, compiled": dict(tf32=True, compiled="reduce-overhead"),
    "bfloat16, compiled": dict(half=True, compiled="reduce-overhead"),
    "bfloat16, tuned": dict(half=True, compiled="max-autotune"),
}


class Work:
    """A step of training or predicting, on one batch that stays where it is."""

    def __init__(self, model, mode, batch_size, device, half=False, tf32=False, compiled=None, graph=False):
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
        torch.backends.cudnn.benchmark = True
        torch.manual_seed(0)
        make, side, classes, _ = NETWORKS[model]
        self.training, self.half, self.device, self.graph = mode == "train", half, device, graph
        self.network = make().to(device, memory_format=torch.channels_last).train(self.training)
        self.run = torch.compile(self.network, mode=compiled) if compiled else self.network
        self.images = torch.randn(batch_size, 3, side, side, device=device).to(memory_format=torch.channels_last)
        self.labels = torch.randint(0, classes, (batch_size,), device=device)
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), lr=0.005, momentum=0.9, **({"fused": True} if device == "cuda" else {}))

    def step(self):
        with torch.set_grad_enabled(self.training):
            # A recorded graph must not refer to casts that were kept from the step before.
            with torch.autocast(self.device, torch.bfloat16, enabled=self.half, cache_enabled=False):
                outputs = self.run(self.images)
                loss = self.loss(outputs, self.labels) if self.training else None
            if self.training:
                loss.backward()
                self.optimizer.step()
                # A graph writes to the memory that it was recorded with.
                self.optimizer.zero_grad(set_to_none=not self.graph)

    def recorded(self):
        """The step as a CUDA graph: its kernels are launched together."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.step()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step()
        return graph.replay


def measure(model, mode, batch_size, variant, flags):
    settings = VARIANTS[variant]
    wait = torch.cuda.synchronize if flags.device == "cuda" else lambda: None
    start = time.perf_counter()
    work = Work(model, mode, batch_size, flags.device, **settings)
    step = work.recorded() if work.graph else work.step
    for _ in range(flags.warm_up):
        step()
    wait()
    preparation, seconds = time.perf_counter() - start, []
    for _ in range(flags.rounds):
        start = time.perf_counter()
        for _ in range(flags.steps):
            step()
        wait()
        seconds.append((time.perf_counter() - start) / flags.steps)
    line = {
        "images_per_second": round(batch_size / statistics.median(seconds), 1),
        "step_seconds": {"min": min(seconds), "median": statistics.median(seconds), "max": max(seconds)},
        "preparation_seconds": round(preparation, 1)}
    if flags.device == "cuda":
        line["peak_bytes"] = torch.cuda.max_memory_allocated()
        torch.cuda.reset_peak_memory_stats()
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--done", help="a file with lines of an earlier run")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--models", nargs="+", choices=NETWORKS, default=["minigooglenet", "deepergooglenet", "resnet"])
    parser.add_argument("--modes", nargs="+", choices=["train", "predict"], default=["train"])
    parser.add_argument("--batch-sizes", nargs="+", type=int, default=[64, 512])
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--steps", type=int, default=20, help="steps between two readings of the clock")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=5)
    flags = parser.parse_args()

    name = torch.cuda.get_device_name() if flags.device == "cuda" else "cpu"
    system = {"system": "torch " + torch.__version__, "device": name}
    done = set()
    if flags.done and os.path.exists(flags.done):
        with open(flags.done) as file:
            lines = map(json.loads, file)
            done = {
                tuple(line.get(key) for key in ("model", "mode", "batch_size", "variant")) for line in lines
                if line.get("device") == name}
    for variant in flags.variants:
        for batch_size in flags.batch_sizes:
            for model in flags.models:
                for mode in flags.modes:
                    if (model, mode, batch_size, variant) in done:
                        continue
                    line = {**system, "model": model, "mode": mode, "batch_size": batch_size, "variant": variant}
                    try:
                        line.update(measure(model, mode, batch_size, variant, flags))
                    except Exception as error:  # A variant that this PyTorch cannot run does not end the comparison.
                        line["error"] = str(error).strip().split("\n")[0][:300]
                    print(json.dumps(line), flush=True)
                    torch._dynamo.reset()


if __name__ == "__main__":
    main()
