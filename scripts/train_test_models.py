#!/usr/bin/env python3
"""Trains the models of the tests and computes, with Python's onnxruntime and numpy, what the tests must find.

Set-up as for scripts/train_models.py:

    .venv/bin/python scripts/train_test_models.py

Writes src/test/resources/models/<model>/<version>/model.onnx, one small model per kind that must load, and

    src/test/resources/expected/models.json         rows, outputs and answers of every one of them
    src/test/resources/expected/breast_cancer.json  every prediction of the two breast-cancer models, and how they
                                                    diverge (names as in schemas/Divergence.avsc)
"""

import csv
import json
import pathlib
import shutil

import lightgbm
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler

import onnx_graphs as graphs
from onnx_graphs import ml, tensor

RESOURCES = pathlib.Path(__file__).resolve().parent.parent / "src" / "test" / "resources"
FLOAT, DOUBLE, INT64, INT32 = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.INT32
STRING, BOOL = TensorProto.STRING, TensorProto.BOOL

EXPECTED = {}


def data(name):
    with open(RESOURCES / "data" / f"{name}.csv", newline="") as file:
        rows = list(csv.reader(file))
    values = np.array(rows[1:], dtype=np.float64)
    return rows[0][:-1], values[:, :-1], values[:, -1]


def save(name, proto, card=None):
    folder = RESOURCES / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(proto.SerializeToString(deterministic=True))
    if card:
        (folder / "model.yaml").write_text(card)
    return str(folder / "model.onnx")


def plain(value):
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list):
        value = [plain(v) for v in value]
        return value
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return value


def one(value):
    """A row of an output: a row of one value is that value."""
    value = plain(value)
    return value[0] if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], list) else value


def expect(name, path, feeds, features, task, label=None, score=None, probabilities=None, one_by_one=False):
    """Records rows, all outputs and the answers. `label`, `score`, `probabilities`: functions of a row's outputs."""
    session = graphs.session(path)
    names = [o.name for o in session.get_outputs()]
    count = len(features)
    if one_by_one:
        calls = [session.run(None, {k: v[i : i + 1] for k, v in feeds.items()}) for i in range(count)]
        outputs = [{n: one(v[0] if np.ndim(v) and len(v) == 1 else v) for n, v in zip(names, call)} for call in calls]
    else:
        call = session.run(None, feeds)
        outputs = [{n: one(v[i]) for n, v in zip(names, call)} for i in range(count)]
    EXPECTED[name] = {
        "task": task,
        "rows": [
            {
                "features": plain(features[i]),
                "outputs": outputs[i],
                "label": label(outputs[i]) if label else None,
                "score": score(outputs[i]) if score else None,
                "probabilities": probabilities(outputs[i]) if probabilities else {},
            }
            for i in range(count)
        ],
    }


def columns(names, rows):
    return [dict(zip(names, (float(v) for v in row))) for row in rows]


def dense(source, target, weights, bias, dtype=np.float32):
    """Nodes and initializers of target = source x weights + bias."""
    w, b, m = target + "_w", target + "_b", target + "_m"
    return (
        [helper.make_node("MatMul", [source, w], [m]), helper.make_node("Add", [m, b], [target])],
        [
            numpy_helper.from_array(np.asarray(weights, dtype=dtype), w),
            numpy_helper.from_array(np.asarray(bias, dtype=dtype), b),
        ],
    )


def multiclass_linear(source, label, probabilities, fitted, **labels):
    return ml(
        "LinearClassifier",
        [source],
        [label, probabilities],
        coefficients=[float(v) for v in fitted.coef_.ravel()],
        intercepts=[float(v) for v in fitted.intercept_],
        multi_class=1,
        post_transform="SOFTMAX",
        **labels,
    )


def breast_cancer():
    names, x, y = data("breast_cancer")
    x = x.astype(np.float32)
    half = np.random.default_rng(3).permutation(len(y))[: len(y) // 2]
    scale = StandardScaler().fit(x[half])
    linear = LogisticRegression(max_iter=1000).fit(scale.transform(x[half]), y[half])
    trees = lightgbm.train(
        {
            "objective": "binary",
            "num_leaves": 5,
            "learning_rate": 0.1,
            "min_data_in_leaf": 8,
            "seed": 7,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbose": -1,
        },
        lightgbm.Dataset(x[half], y[half]),
        num_boost_round=60,
    )
    outputs = [tensor("label", INT64, ["N"]), tensor("probabilities", FLOAT, ["N", 2])]
    inputs = [tensor("features", FLOAT, ["N", len(names)])]
    metadata = {"feature_names": names}
    protos = {
        "v1": graphs.model(
            [
                graphs.scaler("features", "scaled", scale),
                graphs.binary_linear("scaled", "label", "probabilities", linear),
            ],
            inputs,
            outputs,
            metadata=metadata,
        ),
        "v2": graphs.model(
            [graphs.binary_lightgbm("features", "label", "probabilities", trees)], inputs, outputs, metadata=metadata
        ),
    }
    graphs.verify("v1", protos["v1"], x, linear.predict_proba(scale.transform(x))[:, 1])
    graphs.verify("v2", protos["v2"], x, trees.predict(x.astype(np.float64), num_threads=1))
    predictions = {}
    for version, proto in protos.items():
        session = graphs.session(save(f"breast_cancer/{version}", proto))
        label, probabilities = session.run(None, {"features": x})
        predictions[version] = {
            "label": [str(v) for v in label],
            "score": [float(v) for v in probabilities[:, 1]],
        }
    result = {
        "rows": len(y),
        "production": "v1",
        "candidate": "v2",
        "note": "Computed from raw rows in double precision. A pipeline that quantises each difference to 2^-32 agrees "
        "with means to 2^-33; psi20 is null since n < 2000; nrmse, psi10 and js10bits are for regression.",
        "predictions": predictions,
        "divergence": divergence(
            np.array(predictions["v1"]["score"]),
            np.array(predictions["v2"]["score"]),
            np.array(predictions["v1"]["label"]) == "1",
            np.array(predictions["v2"]["label"]) == "1",
        ),
    }
    (RESOURCES / "expected" / "breast_cancer.json").write_text(json.dumps(result, indent=1) + "\n")
    print("breast_cancer", json.dumps(result["divergence"], indent=1))


def divergence(p, c, label_p, label_c):
    """READINESS of binary scores: production p, candidate c, differences c - p."""
    n = len(p)
    d = c - p
    var_p, var_c = p.var(), c.var()
    cov = np.mean((p - p.mean()) * (c - c.mean()))
    denominator = var_p + var_c + (c.mean() - p.mean()) ** 2
    flip01 = np.mean(~label_p & label_c)
    flip10 = np.mean(label_p & ~label_c)
    agree = 1 - flip01 - flip10
    chance = label_p.mean() * label_c.mean() + (1 - label_p.mean()) * (1 - label_c.mean())

    def histogram(x, bins):
        index = np.minimum(bins - 1, np.floor(x * bins).astype(int))
        return np.bincount(index, minlength=bins)

    def js(a, b):
        a, b = a / a.sum(), b / b.sum()
        m = (a + b) / 2
        left = np.sum(a[a > 0] * np.log2(a[a > 0] / m[a > 0]))
        right = np.sum(b[b > 0] * np.log2(b[b > 0] / m[b > 0]))
        return (left + right) / 2

    def psi(a, b):
        bins = len(a)
        if n < 100 * bins:
            return None
        a, b = (a + 0.5) / (n + 0.5 * bins), (b + 0.5) / (n + 0.5 * bins)
        return float(np.sum((b - a) * np.log(b / a)))

    p20, c20, p100, c100 = histogram(p, 20), histogram(c, 20), histogram(p, 100), histogram(c, 100)
    apart = np.abs(np.cumsum(c100) - np.cumsum(p100)) / n
    return {
        "n": n,
        "invalidProd": 0,
        "invalidCand": 0,
        "clamped": 0,
        "meanProd": float(p.mean()),
        "meanCand": float(c.mean()),
        "meanDiff": float(d.mean()),
        "meanAbsDiff": float(np.abs(d).mean()),
        "rmse": float(np.sqrt(np.mean(d * d))),
        "maxAbsDiff": float(np.abs(d).max()),
        "nrmse": None,
        "pearson": float(cov / np.sqrt(var_p * var_c)),
        "ccc": float(2 * cov / denominator),
        "flipRate": float(flip01 + flip10),
        "flip01": float(flip01),
        "flip10": float(flip10),
        "kappa": float((agree - chance) / (1 - chance)),
        "psi20": psi(p20, c20),
        "js20bits": float(js(p20, c20)),
        "ks100": float(apart.max()),
        "w1_100": float(apart[:-1].sum() / 100),
        "psi10": None,
        "js10bits": None,
    }


def wine():
    names, x, y = data("wine")
    x = x.astype(np.float32)
    some = x[::9]
    scale = StandardScaler().fit(x)
    fitted = LogisticRegression(max_iter=1000).fit(scale.transform(x), y)
    front = graphs.scaler("X", "scaled", scale)
    inputs = [tensor("X", FLOAT, ["N", 13])]
    rows = columns(names, some)
    metadata = {"feature_names": ",".join(names)}

    proto = graphs.model(
        [front, multiclass_linear("scaled", "label", "probabilities", fitted, classlabels_ints=[0, 1, 2])],
        inputs,
        [tensor("label", INT64, ["N"]), tensor("probabilities", FLOAT, ["N", 3])],
        metadata=metadata,
    )
    expect(
        "wine/tensor",
        save("wine/tensor", proto),
        {"X": some},
        rows,
        "MULTICLASS",
        label=lambda o: str(o["label"]),
        probabilities=lambda o: dict(zip("012", o["probabilities"])),
    )

    # Labels that are not 0, 1, 2, and the sequence of maps that skl2onnx gives by default.
    proto = graphs.model(
        [
            front,
            multiclass_linear("scaled", "output_label", "tensor", fitted, classlabels_ints=[10, 20, 30]),
            ml("ZipMap", ["tensor"], ["output_probability"], classlabels_int64s=[10, 20, 30]),
        ],
        inputs,
        [tensor("output_label", INT64, ["N"]), graphs.zipmap_output("output_probability")],
        metadata=metadata,
    )
    expect(
        "wine/zipmap",
        save("wine/zipmap", proto),
        {"X": some},
        rows,
        "MULTICLASS",
        label=lambda o: str(o["output_label"]),
        probabilities=lambda o: o["output_probability"],
    )

    cultivars = ["barolo", "grignolino", "barbera"]
    proto = graphs.model(
        [
            front,
            multiclass_linear("scaled", "output_label", "tensor", fitted, classlabels_strings=cultivars),
            ml("ZipMap", ["tensor"], ["output_probability"], classlabels_strings=cultivars),
        ],
        inputs,
        [tensor("output_label", STRING, ["N"]), graphs.zipmap_output("output_probability", STRING)],
        metadata=metadata,
    )
    expect(
        "wine/zipmap_text",
        save("wine/zipmap_text", proto),
        {"X": some},
        rows,
        "MULTICLASS",
        label=lambda o: o["output_label"],
        probabilities=lambda o: {c: o["output_probability"][c] for c in cultivars},
    )

    # As skl2onnx writes classifiers without an operator of their own: ArgMax, then a list of classes.
    nodes, weights = dense("scaled", "scores", fitted.coef_.T, fitted.intercept_)
    proto = graphs.model(
        [
            front,
            *nodes,
            helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["probabilities"], ["at"], axis=1, keepdims=0),
            ml("ArrayFeatureExtractor", ["classes", "at"], ["found"]),
            helper.make_node("Reshape", ["found", "flat"], ["label"]),
        ],
        inputs,
        [tensor("label", STRING, ["N"]), tensor("probabilities", FLOAT, ["N", 3])],
        [
            *weights,
            helper.make_tensor("classes", STRING, [3], [c.encode() for c in cultivars]),
            numpy_helper.from_array(np.array([-1], dtype=np.int64), "flat"),
        ],
        metadata=metadata,
    )
    expect(
        "wine/argmax",
        save("wine/argmax", proto),
        {"X": some},
        rows,
        "MULTICLASS",
        label=lambda o: o["label"],
        probabilities=lambda o: dict(zip(cultivars, o["probabilities"])),
    )

    # Probabilities alone, as PyTorch and Keras export them, and logits with a card.
    proto = graphs.model(
        [front, *nodes, helper.make_node("Softmax", ["scores"], ["output"], axis=1)],
        inputs,
        [tensor("output", FLOAT, ["N", 3])],
        weights,
        metadata=metadata,
    )
    expect(
        "wine/softmax",
        save("wine/softmax", proto),
        {"X": some},
        rows,
        "MULTICLASS",
        label=lambda o: str(int(np.argmax(o["output"]))),
        probabilities=lambda o: dict(zip("012", o["output"])),
    )

    def softmax(values):
        e = np.exp(np.array(values) - np.max(values))
        return [float(v) for v in e / e.sum()]

    proto = graphs.model([front, *nodes], inputs, [tensor("scores", FLOAT, ["N", 3])], weights)
    expect(
        "wine/logits",
        save(
            "wine/logits",
            proto,
            "task: multiclass\nactivation: softmax\nclasses: [barolo, grignolino, barbera]\nfeatures: ["
            + ", ".join(names)
            + "]\n",
        ),
        {"X": some},
        rows,
        "MULTICLASS",
        label=lambda o: cultivars[int(np.argmax(o["scores"]))],
        probabilities=lambda o: dict(zip(cultivars, softmax(o["scores"]))),
    )
    # The same without the card: a vector of which nothing more is known.
    expect("wine/vector", save("wine/vector", proto), {"X": some}, [{"X": row} for row in some], "REGRESSION")

    # A second dimension that is free in the file: the card's names say how many there are.
    proto = graphs.model(
        [front, multiclass_linear("scaled", "label", "probabilities", fitted, classlabels_ints=[0, 1, 2])],
        [tensor("X", FLOAT, ["N", "F"])],
        [tensor("label", INT64, ["N"]), tensor("probabilities", FLOAT, ["N", 3])],
    )
    expect(
        "wine/free_columns",
        save("wine/free_columns", proto, "features: [" + ", ".join(names) + "]\n"),
        {"X": some},
        rows,
        "MULTICLASS",
        label=lambda o: str(o["label"]),
        probabilities=lambda o: dict(zip("012", o["probabilities"])),
    )

    # A batch dimension of one, and one of four.
    for size in (1, 4):
        proto = graphs.model(
            [front, *nodes, helper.make_node("Softmax", ["scores"], ["output"], axis=1)],
            [tensor("X", FLOAT, [size, 13])],
            [tensor("output", FLOAT, [size, 3])],
            weights,
            metadata=metadata,
        )
        path = save(f"wine/fixed_batch_{size}", proto)
        if size == 1:
            expect(
                "wine/fixed_batch_1",
                path,
                {"X": some},
                rows,
                "MULTICLASS",
                label=lambda o: str(int(np.argmax(o["output"]))),
                probabilities=lambda o: dict(zip("012", o["output"])),
                one_by_one=True,
            )

    # Free in the file, yet only one row at a time; and rows that depend on their neighbours.
    proto = graphs.model(
        [
            helper.make_node("Reshape", ["X", "one"], ["row"]),
            graphs.scaler("row", "scaled", scale),
            *nodes,
            helper.make_node("Softmax", ["scores"], ["output"], axis=1),
        ],
        inputs,
        [tensor("output", FLOAT, ["N", 3])],
        [*weights, numpy_helper.from_array(np.array([1, 13], dtype=np.int64), "one")],
        metadata=metadata,
    )
    expect(
        "wine/one_row_only",
        save("wine/one_row_only", proto),
        {"X": some},
        rows,
        "MULTICLASS",
        label=lambda o: str(int(np.argmax(o["output"]))),
        probabilities=lambda o: dict(zip("012", o["output"])),
        one_by_one=True,
    )
    proto = graphs.model(
        [
            front,
            *nodes,
            helper.make_node("ReduceMean", ["scores"], ["mean"], axes=[0], keepdims=1),
            helper.make_node("Mul", ["mean", "bit"], ["some"]),
            helper.make_node("Add", ["scores", "some"], ["output"]),
        ],
        inputs,
        [tensor("output", FLOAT, ["N", 3])],
        [*weights, numpy_helper.from_array(np.array([0.1], dtype=np.float32), "bit")],
        metadata=metadata,
    )
    expect("wine/neighbours", save("wine/neighbours", proto), {"X": some}, rows, "REGRESSION", one_by_one=True)

    # A decision function beside the label is not a probability.
    proto = graphs.model(
        [
            front,
            *nodes,
            helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0),
        ],
        inputs,
        [tensor("label", INT64, ["N"]), tensor("scores", FLOAT, ["N", 3])],
        weights,
        metadata=metadata,
    )
    expect(
        "wine/decision_function",
        save("wine/decision_function", proto),
        {"X": some},
        rows,
        "MULTICLASS",
        label=lambda o: str(o["label"]),
    )

    # Two hidden layers, as a network is exported.
    rng = np.random.default_rng(5)
    first, w1 = dense("scaled", "h1", rng.normal(size=(13, 64)) / 3, rng.normal(size=64))
    second, w2 = dense("a1", "h2", rng.normal(size=(64, 32)) / 8, rng.normal(size=32))
    third, w3 = dense("a2", "h3", rng.normal(size=(32, 1)) / 6, rng.normal(size=1))
    proto = graphs.model(
        [
            front,
            *first,
            helper.make_node("Relu", ["h1"], ["a1"]),
            *second,
            helper.make_node("Tanh", ["h2"], ["a2"]),
            *third,
            helper.make_node("Sigmoid", ["h3"], ["output"]),
        ],
        inputs,
        [tensor("output", FLOAT, ["N", 1])],
        [*w1, *w2, *w3],
        metadata=metadata,
    )
    expect(
        "wine/network",
        save("wine/network", proto, "task: binary\nthreshold: 0.4\nclasses: [other, barolo]\n"),
        {"X": some},
        rows,
        "BINARY",
        label=lambda o: "barolo" if o["output"] >= 0.4 else "other",
        score=lambda o: o["output"],
        probabilities=lambda o: {"other": 1 - o["output"], "barolo": o["output"]},
    )

    # Weights in a file of their own.
    proto = graphs.model(
        [front, *nodes, helper.make_node("Softmax", ["scores"], ["output"], axis=1)],
        inputs,
        [tensor("output", FLOAT, ["N", 3])],
        weights,
        metadata=metadata,
    )
    folder = RESOURCES / "models" / "wine" / "external"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    onnx.save_model(
        proto,
        str(folder / "model.onnx"),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="model.onnx.data",
        size_threshold=0,
    )
    expect(
        "wine/external",
        str(folder / "model.onnx"),
        {"X": some},
        rows,
        "MULTICLASS",
        label=lambda o: str(int(np.argmax(o["output"]))),
        probabilities=lambda o: dict(zip("012", o["output"])),
    )


def diabetes():
    names, x, y = data("diabetes")
    some = x[::20]
    fitted = LinearRegression().fit(x, y)
    single = some.astype(np.float32)
    trees = lightgbm.train(
        {
            "objective": "regression",
            "num_leaves": 6,
            "learning_rate": 0.1,
            "seed": 7,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbose": -1,
        },
        lightgbm.Dataset(x.astype(np.float32), y),
        num_boost_round=30,
    )
    rows = columns(names, single)
    inputs = [tensor("X", FLOAT, ["N", 10])]
    metadata = {"feature_names": names}
    proto = graphs.model(
        [graphs.regression_lightgbm("X", "variable", trees)], inputs, [tensor("variable", FLOAT, ["N", 1])],
        metadata=metadata,
    )
    got = graphs.session(proto).run(None, {"X": single})[0][:, 0]
    if not np.allclose(got, trees.predict(single.astype(np.float64)), rtol=1e-5):
        raise SystemExit("diabetes/column: the ONNX graph differs from the library")
    expect(
        "diabetes/column", save("diabetes/column", proto), {"X": single}, rows, "REGRESSION",
        score=lambda o: o["variable"],
    )

    nodes, weights = dense("X", "y", fitted.coef_.reshape(-1, 1), fitted.intercept_.reshape(1))
    proto = graphs.model(
        [*nodes, helper.make_node("Squeeze", ["y", "last"], ["variable"])],
        inputs,
        [tensor("variable", FLOAT, ["N"])],
        [*weights, numpy_helper.from_array(np.array([1], dtype=np.int64), "last")],
        metadata=metadata,
    )
    expect(
        "diabetes/flat", save("diabetes/flat", proto), {"X": single}, rows, "REGRESSION",
        score=lambda o: o["variable"],
    )

    nodes, weights = dense("X", "y", fitted.coef_.reshape(-1, 1), fitted.intercept_.reshape(1), np.float64)
    proto = graphs.model(nodes, [tensor("X", DOUBLE, ["N", 10])], [tensor("y", DOUBLE, ["N", 1])], weights)
    f = [f"f{i}" for i in range(10)]
    expect(
        "diabetes/double", save("diabetes/double", proto), {"X": some}, columns(f, some), "REGRESSION",
        score=lambda o: o["y"],
    )

    both = np.stack([fitted.coef_, np.abs(fitted.coef_) / 10], axis=1)
    nodes, weights = dense("X", "pair", both, [fitted.intercept_, 5.0])
    proto = graphs.model(
        [*nodes, helper.make_node("Split", ["pair"], ["predicted", "spread"], axis=1)],
        inputs,
        [tensor("spread", FLOAT, ["N", 1]), tensor("predicted", FLOAT, ["N", 1]), tensor("pair", FLOAT, ["N", 2])],
        weights,
        metadata=metadata,
    )
    expect(
        "diabetes/several", save("diabetes/several", proto), {"X": single}, rows, "REGRESSION",
        score=lambda o: o["predicted"],
    )
    expect(
        "diabetes/several_card", save("diabetes/several_card", proto, "score: spread\n"), {"X": single}, rows,
        "REGRESSION", score=lambda o: o["spread"],
    )

    # A null is NaN where the card says so; trees know what to do with it.
    missing = single[:4].copy()
    missing[1, 2] = np.nan
    missing[2, :] = np.nan
    proto = graphs.model(
        [graphs.regression_lightgbm("X", "variable", trees)], inputs, [tensor("variable", FLOAT, ["N", 1])],
        metadata=metadata,
    )
    expect(
        "diabetes/missing", save("diabetes/missing", proto, "missing: nan\n"), {"X": missing},
        [{k: None if np.isnan(v) else v for k, v in row.items()} for row in columns(names, missing)], "REGRESSION",
        score=lambda o: o["variable"],
    )


def kinds():
    rng = np.random.default_rng(21)

    # A small picture: [N, 1, 4], two classes by softmax.
    w = numpy_helper.from_array(rng.normal(size=(4, 2)).astype(np.float32), "w")
    flat = numpy_helper.from_array(np.array([-1, 4], dtype=np.int64), "flat")
    proto = graphs.model(
        [
            helper.make_node("Reshape", ["pixels", "flat"], ["row"]),
            helper.make_node("MatMul", ["row", "w"], ["m"]),
            helper.make_node("Softmax", ["m"], ["probabilities"], axis=1),
        ],
        [tensor("pixels", FLOAT, ["N", 1, 4])],
        [tensor("probabilities", FLOAT, ["N", 2])],
        [w, flat],
    )
    pixels = rng.normal(size=(6, 1, 4)).astype(np.float32)
    expect(
        "kinds/picture", save("kinds/picture", proto), {"pixels": pixels}, [{"pixels": p[0]} for p in pixels],
        "BINARY",
        label=lambda o: "1" if o["probabilities"][1] >= 0.5 else "0",
        score=lambda o: o["probabilities"][1],
        probabilities=lambda o: dict(zip("01", o["probabilities"])),
    )

    # One input per column, as a scikit-learn pipeline over a data frame.
    countries = ["at", "de", "it"]

    def pipeline(zeros):
        return graphs.model(
            [
                ml("OneHotEncoder", ["country"], ["hot"], cats_strings=countries, zeros=zeros),
                helper.make_node("Reshape", ["hot", "width"], ["hot_flat"]),
                helper.make_node("Cast", ["visits"], ["visits_float"], to=FLOAT),
                helper.make_node("Cast", ["member"], ["member_float"], to=FLOAT),
                helper.make_node("Cast", ["income"], ["income_float"], to=FLOAT),
                helper.make_node(
                    "Concat", ["age", "income_float", "visits_float", "member_float", "hot_flat"], ["all"], axis=1
                ),
                ml(
                    "LinearClassifier",
                    ["all"],
                    ["output_label", "tensor"],
                    classlabels_strings=["no", "yes"],
                    coefficients=[-0.05, -1e-5, 0.1, 0.5, 0.3, -0.2, 0.1, 0.05, 1e-5, -0.1, -0.5, -0.3, 0.2, -0.1],
                    intercepts=[1.0, -1.0],
                    multi_class=1,
                    post_transform="LOGISTIC",
                ),
                ml("ZipMap", ["tensor"], ["output_probability"], classlabels_strings=["no", "yes"]),
            ],
            [
                tensor("age", FLOAT, ["N", 1]),
                tensor("income", DOUBLE, ["N", 1]),
                tensor("visits", INT64, ["N", 1]),
                tensor("member", BOOL, ["N", 1]),
                tensor("country", STRING, ["N", 1]),
            ],
            [tensor("output_label", STRING, ["N"]), graphs.zipmap_output("output_probability", STRING)],
            [numpy_helper.from_array(np.array([-1, 3], dtype=np.int64), "width")],
        )

    people = [
        {"age": 41.0, "income": 52000.0, "visits": 3, "member": True, "country": "de"},
        {"age": 23.5, "income": 18000.5, "visits": 11, "member": False, "country": "at"},
        {"age": 67.0, "income": 91000.0, "visits": 0, "member": False, "country": "it"},
        {"age": 35.0, "income": 30500.0, "visits": 7, "member": True, "country": "fr"},
    ]

    def feeds(rows):
        kind = {"age": np.float32, "income": np.float64, "visits": np.int64, "member": bool, "country": object}
        return {k: np.array([[row[k]] for row in rows], dtype=t) for k, t in kind.items()}

    answers = dict(
        label=lambda o: o["output_label"],
        score=lambda o: o["output_probability"]["yes"],
        probabilities=lambda o: o["output_probability"],
    )
    expect("kinds/columns", save("kinds/columns", pipeline(1)), feeds(people), people, "BINARY", **answers)
    # The same with an encoder that refuses a country it does not know.
    expect("kinds/picky", save("kinds/picky", pipeline(0)), feeds(people[:3]), people[:3], "BINARY", **answers)

    # Whole numbers of both widths, a text tensor, booleans.
    for name, dtype, numpy_type in (("int64", INT64, np.int64), ("int32", INT32, np.int32)):
        proto = graphs.model(
            [
                helper.make_node("Cast", ["X"], ["x"], to=FLOAT),
                helper.make_node("ReduceSum", ["x", "last"], ["sum"], keepdims=1),
            ],
            [tensor("X", dtype, ["N", 3])],
            [tensor("sum", FLOAT, ["N", 1])],
            [numpy_helper.from_array(np.array([1], dtype=np.int64), "last")],
        )
        values = np.array([[1, 2, 3], [-5, 0, 7], [1000, 200, 30]], dtype=numpy_type)
        expect(
            f"kinds/{name}", save(f"kinds/{name}", proto), {"X": values},
            [{f"f{i}": int(v) for i, v in enumerate(row)} for row in values], "REGRESSION", score=lambda o: o["sum"],
        )
    proto = graphs.model(
        [
            ml("LabelEncoder", ["X"], ["x"], keys_strings=["a", "b", "c"], values_floats=[1.0, 2.0, 4.0],
               default_float=0.5),
            helper.make_node("ReduceSum", ["x", "last"], ["sum"], keepdims=1),
        ],
        [tensor("X", STRING, ["N", 2])],
        [tensor("sum", FLOAT, ["N", 1])],
        [numpy_helper.from_array(np.array([1], dtype=np.int64), "last")],
    )
    texts = [["a", "b"], ["c", "c"], ["z", "a"]]
    expect(
        "kinds/text", save("kinds/text", proto, "features: [first, second]\n"), {"X": np.array(texts, dtype=object)},
        [dict(zip(["first", "second"], row)) for row in texts], "REGRESSION", score=lambda o: o["sum"],
    )

    # Two inputs of several columns each: one vector, one named by the card.
    proto = graphs.model(
        [helper.make_node("Concat", ["embedding", "profile"], ["all"], axis=1),
         helper.make_node("ReduceSum", ["all", "last"], ["sum"], keepdims=0)],
        [tensor("embedding", FLOAT, ["N", 3]), tensor("profile", FLOAT, ["N", 2])],
        [tensor("sum", FLOAT, ["N"])],
        [numpy_helper.from_array(np.array([1], dtype=np.int64), "last")],
    )
    e = rng.normal(size=(4, 3)).astype(np.float32)
    p = rng.normal(size=(4, 2)).astype(np.float32)
    expect(
        "kinds/two_inputs", save("kinds/two_inputs", proto, "inputs:\n  profile: [age, income]\n"),
        {"embedding": e, "profile": p},
        [{"embedding": e[i], "age": p[i, 0], "income": p[i, 1]} for i in range(4)], "REGRESSION",
        score=lambda o: o["sum"],
    )

    # A logit, which the card turns into a probability; the positive class is the first.
    nodes, weights = dense("X", "logit", rng.normal(size=(2, 1)), [0.1])
    proto = graphs.model(nodes, [tensor("X", FLOAT, ["N", 2])], [tensor("logit", FLOAT, ["N", 1])], weights)
    x = rng.normal(size=(5, 2)).astype(np.float32)
    def sigmoid(v):
        return float(1 / (1 + np.exp(-v)))
    expect(
        "kinds/logit",
        save("kinds/logit", proto, "task: binary\nactivation: sigmoid\nclasses: [churn, stay]\npositive: churn\n"),
        {"X": x}, columns(["f0", "f1"], x), "BINARY",
        label=lambda o: "churn" if sigmoid(o["logit"]) >= 0.5 else "stay",
        score=lambda o: sigmoid(o["logit"]),
        probabilities=lambda o: {"churn": sigmoid(o["logit"]), "stay": 1 - sigmoid(o["logit"])},
    )

    # What must not load: half precision.
    proto = graphs.model(
        [helper.make_node("Cast", ["X"], ["y"], to=FLOAT)],
        [tensor("X", TensorProto.FLOAT16, ["N", 2])],
        [tensor("y", FLOAT, ["N", 2])],
    )
    save("unusable/half_precision", proto)
    # ... a free dimension beside the batch that no card explains, ...
    proto = graphs.model(
        [helper.make_node("Identity", ["X"], ["y"])], [tensor("X", FLOAT, ["N", "F"])], [tensor("y", FLOAT, ["N", "F"])]
    )
    save("unusable/free_columns", proto)
    # ... one probability per class in an output of its own, beside a label, ...
    proto = graphs.model(
        [
            helper.make_node("Sigmoid", ["X"], ["p"]),
            helper.make_node("Split", ["p"], ["no", "yes"], axis=1),
            helper.make_node("ArgMax", ["p"], ["label"], axis=1, keepdims=0),
        ],
        [tensor("X", FLOAT, ["N", 2])],
        [tensor("label", INT64, ["N"]), tensor("no", FLOAT, ["N", 1]), tensor("yes", FLOAT, ["N", 1])],
    )
    save("unusable/two_scores", proto)
    # ... and a graph that fails for every row.
    proto = graphs.model(
        [helper.make_node("Reshape", ["X", "shape"], ["y"])],
        [tensor("X", FLOAT, ["N", 3])],
        [tensor("y", FLOAT, ["N", 7])],
        [numpy_helper.from_array(np.array([-1, 7], dtype=np.int64), "shape")],
    )
    save("unusable/never_runs", proto)


def main():
    for folder in ("models", "expected"):
        (RESOURCES / folder).mkdir(parents=True, exist_ok=True)
    shutil.rmtree(RESOURCES / "models")
    breast_cancer()
    wine()
    diabetes()
    kinds()
    lines = ",\n".join(json.dumps(k) + ": " + json.dumps(v) for k, v in EXPECTED.items())
    (RESOURCES / "expected" / "models.json").write_text("{\n" + lines + "\n}\n")
    print(f"{len(EXPECTED)} models")


if __name__ == "__main__":
    main()
