#!/usr/bin/env python3
"""Trains the shipped models and writes models/fraud/{v1,v2,v3,v4}/model.onnx and models/fraud/requests.csv.

Needs Python 3.11 or later and scripts/requirements.txt:

    python3 -m venv .venv && .venv/bin/pip install -r scripts/requirements.txt
    .venv/bin/python scripts/train_models.py

Data: a seeded synthetic generator of card payments (function `payments` below says how). Every export is checked
against the predictions of the library that trained it. Running it again gives the same predictions.

    v1  logistic regression on all regions
    v2  a few boosted trees on all regions: better everywhere, at about the cost of v1
    v3  boosted trees that have never seen the region apac: better than v1 on average, harmful in apac, where payments
        across borders are ordinary
    v4  the same quality from very many slow-learning trees: more than twenty times the cost per row
"""

import csv
import json
import pathlib
import time

import lightgbm
import numpy as np
from onnx import TensorProto
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import onnx_graphs as graphs

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "models" / "fraud"
REGIONS = ["eu", "na", "latam", "apac"]
FEATURES = [
    "amount",
    "amount_ratio",
    "hour",
    "utc_offset",
    "account_age_days",
    "payments_24h",
    "failed_logins",
    "distance_km",
    "cross_border",
    "merchant_risk",
    "device_trust",
    "online",
    "typing_seconds",
]


def payments(rows, seed):
    """Synthetic payments: features (float32), region per row, fraud (0 or 1).

    A payment is fraudulent with probability sigmoid(14 * (risk - 0.9)); `risk` adds up patterns that fraudsters leave,
    most of them interactions that a linear model can only approximate: a large amount from a new account, many
    payments after failed logins, a risky merchant paid from an untrusted device at night. Outside apac a payment far
    away and across a border is such a pattern; in apac, where travel across borders is ordinary, it means nothing.
    """
    rng = np.random.default_rng(seed)
    region = rng.choice(4, size=rows, p=[0.40, 0.32, 0.16, 0.12])
    apac = region == 3
    offset = np.choose(
        region,
        [rng.integers(0, 4, rows), -rng.integers(4, 9, rows), -rng.integers(3, 6, rows), rng.integers(7, 12, rows)],
    ).astype(float)
    amount = np.round(np.exp(rng.normal(3.6, 1.0, rows)), 2)
    ratio = np.round(np.exp(rng.normal(0.0, 0.6, rows)), 3)
    hour = rng.integers(0, 24, rows).astype(float)
    age = np.round(rng.gamma(1.6, 400.0, rows), 0)
    velocity = rng.poisson(2.0, rows) + rng.binomial(1, 0.06, rows) * rng.poisson(9.0, rows)
    failed = rng.poisson(0.25, rows) + rng.binomial(1, 0.05, rows) * rng.poisson(4.0, rows)
    border = rng.binomial(1, np.where(apac, 0.45, 0.07))
    distance = np.round(np.exp(rng.normal(1.5, 1.2, rows)) + border * rng.gamma(3.0, 500.0, rows), 1)
    merchant = np.round(rng.beta(1.5, 6.0, rows), 3)
    trust = np.round(rng.beta(5.0, 1.6, rows), 3)
    online = rng.binomial(1, 0.6, rows)
    typing = np.round(rng.gamma(4.0, 2.5, rows), 1)

    night = (hour <= 5) | (hour >= 23)
    risk = (
        1.0 * ((ratio > 2.3) & (age < 200))
        + 1.0 * ((velocity >= 8) & (failed >= 2))
        + 1.0 * ((merchant > 0.40) & (trust < 0.60) & night)
        + 1.0 * ((typing < 3.0) & (online == 1) & (ratio > 1.8))
        + np.where(apac, 0.0, 1.0) * ((border == 1) & (distance > 1700) & (trust < 0.78))
        + 0.45 * np.log1p(failed) * (failed >= 3)
        + 0.9 * np.maximum(merchant - 0.35, 0.0)
        + 0.05 * np.minimum(velocity, 14) * (velocity >= 6)
        + rng.normal(0.0, 0.10, rows)
    )
    fraud = rng.binomial(1, 1.0 / (1.0 + np.exp(-14.0 * (risk - 0.90)))).astype(np.int64)
    columns = [amount, ratio, hour, offset, age, velocity, failed, distance, border, merchant, trust, online, typing]
    return np.stack(columns, axis=1).astype(np.float32), region, fraud


def logistic(x, y):
    scale = StandardScaler().fit(x)
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(scale.transform(x), y)
    return (
        lambda rows: fitted.predict_proba(scale.transform(rows))[:, 1],
        [
            graphs.scaler("features", "scaled", scale),
            graphs.binary_linear("scaled", "label", "probabilities", fitted),
        ],
    )


def boosted(x, y, trees, leaves, rate, smallest, depth=-1):
    booster = lightgbm.train(
        {
            "objective": "binary",
            "num_leaves": leaves,
            "max_depth": depth,
            "learning_rate": rate,
            "min_data_in_leaf": smallest,
            "seed": 7,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbose": -1,
        },
        lightgbm.Dataset(x, y),
        num_boost_round=trees,
    )
    return (
        lambda rows: booster.predict(rows.astype(np.float64), num_threads=1),
        [graphs.binary_lightgbm("features", "label", "probabilities", booster)],
    )


def export(nodes, features):
    return graphs.model(
        nodes,
        [graphs.tensor("features", TensorProto.FLOAT, ["N", len(features)])],
        [
            graphs.tensor("label", TensorProto.INT64, ["N"]),
            graphs.tensor("probabilities", TensorProto.FLOAT, ["N", 2]),
        ],
        metadata={"feature_names": features},
    )


def nanos_per_row(proto, rows):
    run = graphs.session(proto)
    batch = rows[:64]
    run.run(None, {"features": batch})
    best = np.inf
    for _ in range(30):
        start = time.perf_counter_ns()
        run.run(None, {"features": batch})
        best = min(best, time.perf_counter_ns() - start)
    return best / len(batch)


def main():
    x, region, y = payments(60_000, seed=11)
    test_x, test_region, test_y = payments(60_000, seed=12)
    seen = region != 3
    trained = {
        "v1": logistic(x, y),
        "v2": boosted(x, y, trees=5, leaves=12, rate=0.5, smallest=40),
        "v3": boosted(x[seen], y[seen], trees=5, leaves=12, rate=0.5, smallest=40),
        "v4": boosted(x, y, trees=2000, leaves=12, rate=0.0036, smallest=40),
    }
    print(f"fraud: {y.mean():.3%} of {len(y)} payments in training")
    print(f"{'':4}{'accuracy':>9}" + "".join(f"{r:>9}" for r in REGIONS) + f"{'brier':>9}{'|c-v1|':>9}{'flips':>9}"
          f"{'µs/row':>9}{'KiB':>7}{'graph-library':>15}")
    base = trained["v1"][0](test_x)
    for version, (predict, nodes) in trained.items():
        proto = export(nodes, FEATURES)
        score = predict(test_x)
        worst = graphs.verify(version, proto, test_x[:20_000], score[:20_000])
        right = (score >= 0.5) == test_y
        folder = OUT / version
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(proto.SerializeToString(deterministic=True))
        print(
            f"{version:4}{right.mean():9.4f}"
            + "".join(f"{right[test_region == r].mean():9.4f}" for r in range(4))
            + f"{np.mean((score - test_y) ** 2):9.4f}{np.mean(np.abs(score - base)):9.4f}"
            + f"{np.mean((score >= 0.5) != (base >= 0.5)):9.4f}"
            + f"{nanos_per_row(proto, test_x) / 1000:9.2f}"
            + f"{(folder / 'model.onnx').stat().st_size / 1024:7.0f}{worst:15.1e}"
        )

    sample_x, sample_region, sample_y = payments(3_000, seed=13)
    entities = np.random.default_rng(14).integers(0, 1_500, len(sample_y))
    with open(OUT / "requests.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["request_id", "entity_id", "region", *FEATURES, "label"])
        for i in range(len(sample_y)):
            values = [f"{float(str(v)):.10g}" for v in sample_x[i]]
            writer.writerow([f"r{i:05}", f"card-{entities[i]:04}", REGIONS[sample_region[i]], *values, sample_y[i]])

    expected = {"rows": 300, "versions": {}}
    for version in trained:
        run = graphs.session(str(OUT / version / "model.onnx"))
        label, probabilities = run.run(None, {"features": sample_x[:300]})
        expected["versions"][version] = {
            "label": [int(v) for v in label],
            "score": [float(v) for v in probabilities[:, 1]],
        }
    target = ROOT / "src" / "test" / "resources" / "expected" / "fraud.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
