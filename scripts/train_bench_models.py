#!/usr/bin/env python3
"""Trains the models of `understudy bench` and writes models/bench-linear/v1 and models/bench-trees/v1.

Needs what scripts/train_models.py needs:

    .venv/bin/python scripts/train_bench_models.py

What they predict does not matter, what they cost does: a logistic regression on 30 features, scaled first, and 200
boosted trees of depth 6, all of them grown to 64 leaves. Data: seeded noise with a linear and a bent part.
"""

import pathlib

import numpy as np

import onnx_graphs as graphs
import train_models

ROOT = pathlib.Path(__file__).resolve().parent.parent
FEATURES = [f"feature_{i:02}" for i in range(30)]


def data(rows, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0, 1.0, (rows, len(FEATURES))).astype(np.float32)
    weights = np.linspace(-1.0, 1.0, len(FEATURES))
    risk = x @ weights + 0.7 * x[:, 0] * x[:, 1] + 0.5 * np.sin(2 * x[:, 2])
    return x, rng.binomial(1, 1.0 / (1.0 + np.exp(-risk))).astype(np.int64)


def main():
    x, y = data(60_000, seed=21)
    test_x, _ = data(20_000, seed=22)
    trained = {
        "bench-linear": train_models.logistic(x, y),
        "bench-trees": train_models.boosted(x, y, trees=200, leaves=64, rate=0.05, smallest=20, depth=6),
    }
    for name, (predict, nodes) in trained.items():
        proto = train_models.export(nodes, FEATURES)
        worst = graphs.verify(name, proto, test_x, predict(test_x))
        folder = ROOT / "models" / name / "v1"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(proto.SerializeToString(deterministic=True))
        size = (folder / "model.onnx").stat().st_size / 1024
        nanos = train_models.nanos_per_row(proto, test_x)
        print(f"{name}: {nanos / 1000:.2f} µs a row in batches of 64, {size:.0f} KiB, "
              f"differs from the library by {worst:.1e}")


if __name__ == "__main__":
    main()
