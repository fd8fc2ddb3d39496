#!/usr/bin/env python3
"""The benchmark's networks and its work in PyTorch, to hold `Benchmark` against.

    python3 Benchmarks/torch_networks.py train --model minigooglenet --batch-size 64 --steps 20 --threads 2

A training step is forward, softmax cross-entropy (of three outputs weighted 1, 0.3 and 0.3 for Inception v1), backward
and SGD with momentum 0.9, on one float32 batch that stays where it is; `predict` is the first output in inference mode.
Flags and the JSON line are `Benchmark`'s. channels_last is PyTorch's fastest layout on processors with AVX-512.
"""
import argparse
import json
import resource
import statistics
import time

import torch
from torch import nn


class Side(nn.ModuleList):
    """Branches side by side, stacked channel upon channel."""

    def forward(self, x):
        return torch.cat([branch(x) for branch in self], 1)


def normalized(inputs, filters, kernel, stride=1, padding=None):
    padding = kernel // 2 if padding is None else padding
    return nn.Sequential(
        nn.Conv2d(inputs, filters, kernel, stride, padding), nn.BatchNorm2d(filters, eps=1e-3, momentum=0.01),
        nn.ReLU(inplace=True))


def plain(inputs, filters, kernel, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, filters, kernel, stride, kernel // 2), nn.ReLU(inplace=True))


def inception(conv, inputs, f1, r3, f3, r5, f5, projection):
    """A row of the paper's table."""
    return Side([
        conv(inputs, f1, 1), nn.Sequential(conv(inputs, r3, 1), conv(r3, f3, 3)),
        nn.Sequential(conv(inputs, r5, 1), conv(r5, f5, 5)),
        nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(inputs, projection, 1))])


# Channels that come in, then the paper's columns: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj.
MODULES = {
    "3a": (192, 64, 96, 128, 16, 32, 32), "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64), "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64), "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128), "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}


def stages(conv, *names):
    return [inception(conv, *MODULES[name]) for name in names]


def halve():
    # ceil_mode gives the sizes of Keras's `same`.
    return nn.MaxPool2d(3, 2, ceil_mode=True)


def minigooglenet():
    def pair(inputs, f1, f3):
        return Side([normalized(inputs, f1, 1), normalized(inputs, f3, 3)])

    def downsample(inputs, filters):
        return Side([normalized(inputs, filters, 3, 2, padding=0), nn.MaxPool2d(3, 2)])

    return nn.Sequential(
        normalized(3, 96, 3), pair(96, 32, 32), pair(64, 32, 48), downsample(80, 80), pair(160, 112, 48),
        pair(160, 96, 64), pair(160, 80, 80), pair(160, 48, 96), downsample(144, 96), pair(240, 176, 160),
        pair(336, 176, 160), nn.AvgPool2d(7), nn.Dropout(0.5), nn.Flatten(), nn.Linear(336, 10))


def deepergooglenet():
    return nn.Sequential(
        normalized(3, 64, 5), halve(), normalized(64, 64, 1), normalized(64, 192, 3), halve(),
        *stages(normalized, "3a", "3b"), halve(), *stages(normalized, "4a", "4b", "4c", "4d", "4e"), halve(),
        nn.AvgPool2d(4), nn.Dropout(0.4), nn.Flatten(), nn.Linear(832, 200))


class InceptionV1(nn.Module):
    """Three outputs in training, one in inference."""

    def __init__(self, classes=10):
        super().__init__()
        self.to_4a = nn.Sequential(
            plain(3, 64, 7, 2), halve(), plain(64, 64, 1), plain(64, 192, 3), halve(), *stages(plain, "3a", "3b"),
            halve(), *stages(plain, "4a"))
        self.to_4d = nn.Sequential(*stages(plain, "4b", "4c", "4d"))
        self.rest = nn.Sequential(
            *stages(plain, "4e"), halve(), *stages(plain, "5a", "5b"), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            nn.Dropout(0.4), nn.Linear(1024, classes))
        self.heads = nn.ModuleList(self.head(channels, classes) for channels in (512, 528))

    @staticmethod
    def head(inputs, classes):
        return nn.Sequential(
            nn.AvgPool2d(5, 3), plain(inputs, 128, 1), nn.Flatten(), nn.Linear(2048, 1024), nn.ReLU(inplace=True),
            nn.Dropout(0.7), nn.Linear(1024, classes))

    def forward(self, x):
        at_4a = self.to_4a(x)
        at_4d = self.to_4d(at_4a)
        outputs = [self.rest(at_4d)]
        if self.training:
            outputs += [head(features) for head, features in zip(self.heads, (at_4a, at_4d))]
        return outputs


def bn_relu(channels):
    return nn.Sequential(nn.BatchNorm2d(channels, eps=2e-5, momentum=0.1), nn.ReLU(inplace=True))


class Bottleneck(nn.Module):
    """A residual module with pre-activation. The first of a stage projects its activated input for the shortcut."""

    def __init__(self, inputs, filters, stride, projects):
        super().__init__()
        quarter = filters // 4
        self.activation = bn_relu(inputs)
        self.residual = nn.Sequential(
            nn.Conv2d(inputs, quarter, 1, bias=False), bn_relu(quarter),
            nn.Conv2d(quarter, quarter, 3, stride, 1, bias=False), bn_relu(quarter),
            nn.Conv2d(quarter, filters, 1, bias=False))
        self.projection = nn.Conv2d(inputs, filters, 1, stride, bias=False) if projects else None

    def forward(self, x):
        activated = self.activation(x)
        y = self.residual(activated)
        y += self.projection(activated) if self.projection else x
        return y


def residual(stages, filters, classes, *stem):
    modules = []
    for number, count in enumerate(stages):
        inputs, outputs = filters[number:number + 2]
        modules.append(Bottleneck(inputs, outputs, 2 if number else 1, True))
        modules += [Bottleneck(outputs, outputs, 1, False) for _ in range(count - 1)]
    return nn.Sequential(
        nn.BatchNorm2d(3, eps=2e-5, momentum=0.1), *stem, *modules, bn_relu(filters[-1]), nn.AvgPool2d(8),
        nn.Flatten(), nn.Linear(filters[-1], classes))


def alexnet():
    def conv(inputs, filters, kernel, stride=1, padding=None):
        # ReLU comes before the normalization.
        padding = kernel // 2 if padding is None else padding
        return nn.Sequential(
            nn.Conv2d(inputs, filters, kernel, stride, padding), nn.ReLU(inplace=True),
            nn.BatchNorm2d(filters, eps=1e-3, momentum=0.01))

    def pool():
        return nn.Sequential(nn.MaxPool2d(3, 2), nn.Dropout(0.25))

    def dense(inputs):
        return nn.Sequential(
            nn.Linear(inputs, 4096), nn.ReLU(inplace=True), nn.BatchNorm1d(4096, eps=1e-3, momentum=0.01),
            nn.Dropout(0.5))

    # Keras pads 227 pixels by 8 for windows of 11x11 and strides of 4: 4 at each side.
    return nn.Sequential(
        conv(3, 96, 11, 4, 4), pool(), conv(96, 256, 5), pool(), conv(256, 384, 3), conv(384, 384, 3),
        conv(384, 256, 3), pool(), nn.Flatten(), dense(9216), dense(4096), nn.Linear(4096, 2))


def resnet():
    return residual((9, 9, 9), (64, 64, 128, 256), 10, nn.Conv2d(3, 64, 3, 1, 1, bias=False))


def resnettinyimagenet():
    return residual(
        (3, 4, 6), (64, 128, 256, 512), 200, nn.Conv2d(3, 64, 5, 1, 2, bias=False), bn_relu(64), nn.MaxPool2d(3, 2, 1))


def torchvision(name, **arguments):
    """Torchvision's own network, with random weights. Its normalizations have gammas, ours of the Inception papers none."""
    def make():
        import torchvision.models
        return getattr(torchvision.models, name)(weights=None, **arguments)
    return make


def timm(name):
    """timm's own network, with random weights, which torchvision lacks."""
    def make():
        import timm.models
        return timm.create_model(name)
    return make


# By name: how it is made, the side of its images, its classes, and the trainable parameters that ours has.
NETWORKS = {
    "minigooglenet": (minigooglenet, 32, 10, 1_652_826),
    "deepergooglenet": (deepergooglenet, 64, 200, 3657992),
    "inceptionv1": (InceptionV1, 224, 10, 10_334_030),
    "alexnet": (alexnet, 227, 2, 58_308_674),
    "resnet": (resnet, 32, 10, 873_872),
    "resnettinyimagenet": (resnettinyimagenet, 64, 200, 2_252_046),
    # Those of other packages have other numbers of parameters than ours: gammas, and no biases in ResNet-50.
    "inceptionv3": (torchvision("inception_v3", init_weights=False), 299, 1000, 27_161_264),
    "inceptionv4": (timm("inception_v4"), 299, 1000, 42_679_816),
    "inceptionresnetv2": (timm("inception_resnet_v2"), 299, 1000, 55_843_464),
    "resnet50": (torchvision("resnet50"), 224, 1000, 25_557_032),
}
WEIGHTS = [1, 0.3, 0.3]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["train", "predict"])
    parser.add_argument("--model", choices=NETWORKS, default="minigooglenet")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--layout", choices=["channels_last", "contiguous"], default="channels_last")
    parser.add_argument("--compile", action="store_true")
    flags = parser.parse_args()

    torch.manual_seed(0)
    torch.set_num_threads(flags.threads)
    make, side, classes, parameters = NETWORKS[flags.model]
    network = make()
    assert sum(weight.numel() for weight in network.parameters()) == parameters
    network.train(flags.mode == "train")
    images = torch.randn(flags.batch_size, 3, side, side)
    labels = torch.randint(0, classes, (flags.batch_size,))
    if flags.layout == "channels_last":
        network = network.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    run = torch.compile(network) if flags.compile else network
    optimizer = torch.optim.SGD(network.parameters(), lr=0.005, momentum=0.9)
    crossentropy = nn.CrossEntropyLoss()

    def step():
        if flags.mode == "predict":
            with torch.no_grad():
                run(images)
            return
        optimizer.zero_grad(set_to_none=True)
        outputs = run(images)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        sum(weight * crossentropy(output, labels) for weight, output in zip(WEIGHTS, outputs)).backward()
        optimizer.step()

    for _ in range(flags.warm_up):
        step()
    seconds = []
    for _ in range(flags.steps):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    print(json.dumps({
        "system": "torch " + torch.__version__, "mode": flags.mode, "model": flags.model,
        "batch_size": flags.batch_size, "threads": flags.threads,
        "images_per_second": round(flags.batch_size / median, 1),
        "step_seconds": {"min": min(seconds), "median": median, "max": max(seconds)},
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "layout": flags.layout, "compile": flags.compile}))


if __name__ == "__main__":
    main()
