"""ONNX graphs of scikit-learn and LightGBM models, built by hand with onnx.helper.

The graphs have the shape that skl2onnx and onnxmltools give them: Scaler, LinearClassifier,
TreeEnsembleClassifier, ZipMap; label first, probabilities second.
"""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper

ONNX_OPSET = 17
ML_OPSET = 3


def model(nodes, inputs, outputs, initializers=(), metadata=None):
    graph = helper.make_graph(list(nodes), "understudy", list(inputs), list(outputs), list(initializers))
    proto = helper.make_model(
        graph,
        producer_name="understudy",
        opset_imports=[helper.make_opsetid("", ONNX_OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)],
    )
    proto.ir_version = 8
    for key, value in (metadata or {}).items():
        entry = proto.metadata_props.add()
        entry.key = key
        entry.value = value if isinstance(value, str) else json.dumps(value)
    onnx.checker.check_model(proto)
    return proto


def tensor(name, dtype, shape):
    return helper.make_tensor_value_info(name, dtype, shape)


def ml(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, domain="ai.onnx.ml", **attributes)


def zipmap_output(name, key_type=TensorProto.INT64):
    value = helper.make_tensor_type_proto(TensorProto.FLOAT, [])
    mapped = helper.make_map_type_proto(key_type, value)
    return helper.make_value_info(name, helper.make_sequence_type_proto(mapped))


def scaler(source, target, fitted):
    return ml(
        "Scaler",
        [source],
        [target],
        offset=[float(v) for v in fitted.mean_],
        scale=[float(v) for v in 1.0 / fitted.scale_],
    )


def binary_linear(source, label, probabilities, fitted):
    """LinearClassifier of a fitted binary LogisticRegression."""
    weights = fitted.coef_[0]
    bias = float(fitted.intercept_[0])
    return ml(
        "LinearClassifier",
        [source],
        [label, probabilities],
        classlabels_ints=[0, 1],
        coefficients=[float(v) for v in np.concatenate([-weights, weights])],
        intercepts=[-bias, bias],
        multi_class=1,
        post_transform="LOGISTIC",
    )


def _float32_at_most(value):
    """The largest float32 not above the value: x <= value and x <= this agree for every float32 x."""
    rounded = np.float32(value)
    return float(rounded if float(rounded) <= value else np.nextafter(rounded, np.float32(-np.inf)))


def lightgbm_trees(booster):
    """Node and leaf attributes of all trees, for TreeEnsembleClassifier and -Regressor."""
    nodes = {k: [] for k in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")}
    nodes["missing_value_tracks_true"] = []
    leaves = {k: [] for k in ("treeids", "nodeids", "weights")}

    def add(tree, node, counter):
        own = counter[0]
        counter[0] += 1
        for key in ("featureids", "truenodeids", "falsenodeids", "missing_value_tracks_true"):
            nodes[key].append(0)
        nodes["treeids"].append(tree)
        nodes["nodeids"].append(own)
        at = len(nodes["treeids"]) - 1
        if "leaf_value" in node:
            nodes["modes"].append("LEAF")
            nodes["values"].append(0.0)
            leaves["treeids"].append(tree)
            leaves["nodeids"].append(own)
            leaves["weights"].append(float(node["leaf_value"]))
            return own
        if node["decision_type"] != "<=":
            raise ValueError("only numerical splits are exported, was " + node["decision_type"])
        nodes["modes"].append("BRANCH_LEQ")
        nodes["values"].append(_float32_at_most(node["threshold"]))
        nodes["featureids"][at] = node["split_feature"]
        nodes["missing_value_tracks_true"][at] = int(node["default_left"] and node["missing_type"] == "NaN")
        nodes["truenodeids"][at] = add(tree, node["left_child"], counter)
        nodes["falsenodeids"][at] = add(tree, node["right_child"], counter)
        return own

    for index, tree in enumerate(booster.dump_model()["tree_info"]):
        add(index, tree["tree_structure"], [0])
    return {"nodes_" + k: v for k, v in nodes.items()}, leaves


def binary_lightgbm(source, label, probabilities, booster):
    """TreeEnsembleClassifier of a binary LightGBM booster."""
    nodes, leaves = lightgbm_trees(booster)
    return ml(
        "TreeEnsembleClassifier",
        [source],
        [label, probabilities],
        **nodes,
        class_treeids=leaves["treeids"],
        class_nodeids=leaves["nodeids"],
        class_ids=[0] * len(leaves["weights"]),
        class_weights=leaves["weights"],
        classlabels_int64s=[0, 1],
        post_transform="LOGISTIC",
    )


def regression_lightgbm(source, target, booster):
    """TreeEnsembleRegressor of a LightGBM regression booster."""
    nodes, leaves = lightgbm_trees(booster)
    return ml(
        "TreeEnsembleRegressor",
        [source],
        [target],
        **nodes,
        target_treeids=leaves["treeids"],
        target_nodeids=leaves["nodeids"],
        target_ids=[0] * len(leaves["weights"]),
        target_weights=leaves["weights"],
        n_targets=1,
        post_transform="NONE",
    )


def session(proto_or_path):
    """An onnxruntime session on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = proto_or_path if isinstance(proto_or_path, str) else proto_or_path.SerializeToString()
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def verify(name, proto, rows, expected, tolerance=2e-5):
    """Fails unless the graph gives the library's probabilities of the positive class."""
    got = session(proto).run(None, {proto.graph.input[0].name: rows})[1][:, 1]
    worst = float(np.max(np.abs(got - expected)))
    if not worst <= tolerance:
        raise SystemExit(f"{name}: the ONNX graph differs from the library by {worst}")
    return worst
