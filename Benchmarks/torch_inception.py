#!/usr/bin/env python3
"""Inception v1 with its two auxiliary heads in PyTorch, to hold `Benchmark ... --model inceptionv1` against.

    python3 Benchmarks/torch_inception.py train --batch-size 32 --steps 5 --threads 2

Work of one training step: forward, three softmax cross-entropies weighted 1, 0.3 and 0.3, backward, SGD with momentum
0.9, on one resident float32 batch of 224x224 (no input pipeline). `predict` times the main output alone, in inference
mode. Flags and the JSON line are those of the other networks' peer script.
"""
import argparse, json, resource, statistics, time
import torch
from torch import nn


def conv(inputs, filters, kernel, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, filters, kernel, stride, padding=kernel // 2), nn.ReLU(inplace=True))


def pool():
    # ceil_mode gives Keras's `same` sizes: 112, 56, 28, 14, 7.
    return nn.MaxPool2d(3, 2, ceil_mode=True)


class Inception(nn.Module):
    def __init__(self, i, a, r3, b, r5, c, p):
        super().__init__()
        self.branches = nn.ModuleList([
            conv(i, a, 1), nn.Sequential(conv(i, r3, 1), conv(r3, b, 3)), nn.Sequential(conv(i, r5, 1), conv(r5, c, 5)),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(i, p, 1))])

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


def head(inputs, classes):
    return nn.Sequential(nn.AvgPool2d(5, 3), conv(inputs, 128, 1), nn.Flatten(), nn.Linear(2048, 1024),
                         nn.ReLU(inplace=True), nn.Dropout(0.7), nn.Linear(1024, classes))


class InceptionV1(nn.Module):
    """Three outputs in training, one in evaluation."""
    def __init__(self, classes=10):
        super().__init__()
        self.to_4a = nn.Sequential(
            conv(3, 64, 7, 2), pool(), conv(64, 64, 1), conv(64, 192, 3), pool(), Inception(192, 64, 96, 128, 16, 32, 32),
            Inception(256, 128, 128, 192, 32, 96, 64), pool(), Inception(480, 192, 96, 208, 16, 48, 64))
        self.to_4d = nn.Sequential(
            Inception(512, 160, 112, 224, 24, 64, 64), Inception(512, 128, 128, 256, 24, 64, 64),
            Inception(512, 112, 144, 288, 32, 64, 64))
        self.rest = nn.Sequential(
            Inception(528, 256, 160, 320, 32, 128, 128), pool(), Inception(832, 256, 160, 320, 32, 128, 128),
            Inception(832, 384, 192, 384, 48, 128, 128), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4),
            nn.Linear(1024, classes))
        self.head1, self.head2 = head(512, classes), head(528, classes)

    def forward(self, x):
        x = self.to_4a(x)
        first = self.head1(x) if self.training else None
        x = self.to_4d(x)
        second = self.head2(x) if self.training else None
        x = self.rest(x)
        return (x, first, second) if self.training else x


def main():
    p = argparse.ArgumentParser()
    p.add_argument("mode", choices=["train", "predict"])
    p.add_argument("--batch-size", type=int, default=64)
    p.add_argument("--steps", type=int, default=20)
    p.add_argument("--warm-up", type=int, default=3)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--layout", choices=["channels_last", "contiguous"], default="channels_last")
    p.add_argument("--compile", action="store_true")
    a = p.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(a.threads)
    net = InceptionV1()
    assert sum(weight.numel() for weight in net.parameters()) == 10_334_030
    x = torch.randn(a.batch_size, 3, 224, 224)
    y = torch.randint(0, 10, (a.batch_size,))
    if a.layout == "channels_last":
        net, x = net.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    run = torch.compile(net) if a.compile else net
    optimizer = torch.optim.SGD(net.parameters(), lr=0.005, momentum=0.9)
    loss_of = nn.CrossEntropyLoss()

    def train():
        optimizer.zero_grad(set_to_none=True)
        sum(weight * loss_of(output, y) for weight, output in zip([1, 0.3, 0.3], run(x))).backward()
        optimizer.step()

    def predict():
        with torch.no_grad():
            run(x)

    step = train if a.mode == "train" else predict
    net.train(a.mode == "train")
    for _ in range(a.warm_up):
        step()
    seconds = []
    for _ in range(a.steps):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    print(json.dumps({"system": "torch " + torch.__version__, "mode": a.mode, "model": "inceptionv1",
                      "batch_size": a.batch_size, "threads": a.threads,
                      "images_per_second": round(a.batch_size / median, 1),
                      "step_seconds": {"min": min(seconds), "median": median, "max": max(seconds)},
                      "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                      "layout": a.layout, "compile": a.compile}))


if __name__ == "__main__":
    main()
