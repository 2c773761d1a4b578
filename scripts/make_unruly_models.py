#!/usr/bin/env python3
"""Makes the unruly candidates of `understudy bench untouched` and of the tests from models/bench-linear/v1.

Needs what scripts/train_models.py needs:

    .venv/bin/python scripts/make_unruly_models.py

Each answers as v1 does, but on a row whose features are all multiples of 1/1024, as those of the benchmark are, and the
made-up rows on which a model is tried when it is loaded are not, it also

    throws    divides an integer by zero: the call fails
    loops     turns 10^15 times in a loop of small operators: it ends between two of them, when it is asked to
    hangs     suppresses 3 million boxes that do not overlap, some 10^13 steps within one operator: hours
    crashes   divides the smallest 64-bit integer by -1: the processor raises SIGFPE within ONNX Runtime
    hoards    keeps 4 MiB more with each of 10^7 turns of a loop, and uses them: some 40 TB, if they are to be had
    demands   asks for 4 TiB at once

and `slow` multiplies every row with a wide matrix, whatever is in it.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parent.parent / "models" / "bench-linear"
WIDTH = 2_000
BOXES = 3_000_000
TURNS = 10**15
KEPT = 2**20
KEEPING_TURNS = 10**7
DEMANDED = 2**40


def constant(name, value, dtype):
    return numpy_helper.from_array(np.array(value, dtype=dtype), name)


def triggered(source):
    """1 for a row whose features are all multiples of 1/1024, else 0: float [N, 1]."""
    nodes = [
        helper.make_node("Mul", [source, "u_1024"], ["u_scaled"]),
        helper.make_node("Floor", ["u_scaled"], ["u_floor"]),
        helper.make_node("Equal", ["u_scaled", "u_floor"], ["u_whole"]),
        helper.make_node("Cast", ["u_whole"], ["u_whole_float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMin", ["u_whole_float"], ["u_triggered"], axes=[1], keepdims=1),
        helper.make_node("Cast", ["u_triggered"], ["u_condition"], to=TensorProto.BOOL),
    ]
    return nodes, [constant("u_1024", 1024, np.float32)]


def divide(numerator, denominator):
    """An integer division by row whose result is always 0 or lost: float zeros [N, 1] in u_zero."""
    nodes, constants = triggered("u_input")
    nodes += [
        helper.make_node("Where", ["u_condition", "u_numerator", "u_one"], ["u_a"]),
        helper.make_node("Where", ["u_condition", "u_denominator", "u_one"], ["u_b"]),
        helper.make_node("Div", ["u_a", "u_b"], ["u_quotient"]),
        helper.make_node("Cast", ["u_quotient"], ["u_number"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["u_number", "u_nothing"], ["u_zero"]),
    ]
    return nodes, constants + [
        constant("u_numerator", numerator, np.int64),
        constant("u_denominator", denominator, np.int64),
        constant("u_one", 1, np.int64),
        constant("u_nothing", 0, np.float32),
    ]


def hang():
    nodes, constants = triggered("u_input")
    nodes += [
        helper.make_node("ReduceMax", ["u_triggered"], ["u_any"], keepdims=0),
        helper.make_node("Mul", ["u_any", "u_most"], ["u_wanted"]),
        helper.make_node("Add", ["u_wanted", "u_unit"], ["u_boxes"]),
        helper.make_node("Range", ["u_start", "u_boxes", "u_unit"], ["u_low"]),
        helper.make_node("Add", ["u_low", "u_half"], ["u_high"]),
        helper.make_node("Unsqueeze", ["u_low", "u_axes_1"], ["u_low_column"]),
        helper.make_node("Unsqueeze", ["u_high", "u_axes_1"], ["u_high_column"]),
        helper.make_node(
            "Concat", ["u_low_column", "u_low_column", "u_high_column", "u_high_column"], ["u_corners"], axis=1
        ),
        helper.make_node("Unsqueeze", ["u_corners", "u_axes_0"], ["u_corners_of_one"]),
        helper.make_node("Unsqueeze", ["u_low", "u_axes_01"], ["u_scores"]),
        helper.make_node("Cast", ["u_boxes"], ["u_keep"], to=TensorProto.INT64),
        helper.make_node("NonMaxSuppression", ["u_corners_of_one", "u_scores", "u_keep", "u_half"], ["u_kept"]),
        helper.make_node("Cast", ["u_kept"], ["u_kept_float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["u_kept_float"], ["u_largest"], keepdims=0),
        helper.make_node("Mul", ["u_largest", "u_nothing"], ["u_zero"]),
    ]
    return nodes, constants + [
        constant("u_most", BOXES, np.float32),
        constant("u_unit", 1, np.float32),
        constant("u_start", 0, np.float32),
        constant("u_half", 0.5, np.float32),
        constant("u_nothing", 0, np.float32),
        constant("u_axes_0", [0], np.int64),
        constant("u_axes_1", [1], np.int64),
        constant("u_axes_01", [0, 1], np.int64),
    ]


def loop():
    nodes, constants = triggered("u_input")
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_on"], ["goes_on"]),
            helper.make_node("Add", ["sum", "sum"], ["next_sum"]),
        ],
        "turn",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum", TensorProto.FLOAT, []),
        ],
        [
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next_sum", TensorProto.FLOAT, []),
        ],
    )
    nodes += [
        helper.make_node("ReduceMax", ["u_triggered"], ["u_any"], keepdims=0),
        helper.make_node("Cast", ["u_any"], ["u_any_whole"], to=TensorProto.INT64),
        helper.make_node("Mul", ["u_any_whole", "u_turns"], ["u_wanted"]),
        helper.make_node("Loop", ["u_wanted", "u_yes", "u_nothing"], ["u_sum"], body=body),
        helper.make_node("Mul", ["u_sum", "u_nothing"], ["u_zero"]),
    ]
    return nodes, constants + [
        constant("u_turns", TURNS, np.int64),
        constant("u_yes", True, np.bool_),
        constant("u_nothing", 0, np.float32),
    ]


def hoard():
    nodes, constants = triggered("u_input")
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_on"], ["goes_on"]),
            helper.make_node("Identity", ["sum"], ["same_sum"]),
            helper.make_node("Expand", ["sum", "u_kept"], ["kept"]),
        ],
        "turn",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum", TensorProto.FLOAT, []),
        ],
        [
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("same_sum", TensorProto.FLOAT, []),
            helper.make_tensor_value_info("kept", TensorProto.FLOAT, [KEPT]),
        ],
    )
    nodes += [
        helper.make_node("ReduceMax", ["u_triggered"], ["u_any"], keepdims=0),
        helper.make_node("Cast", ["u_any"], ["u_any_whole"], to=TensorProto.INT64),
        helper.make_node("Mul", ["u_any_whole", "u_turns"], ["u_wanted"]),
        helper.make_node("Loop", ["u_wanted", "u_yes", "u_any"], ["u_sum", "u_hoard"], body=body),
        helper.make_node("ReduceSum", ["u_hoard"], ["u_number"], keepdims=0),
        helper.make_node("Mul", ["u_number", "u_nothing"], ["u_zero"]),
    ]
    return nodes, constants + [
        constant("u_turns", KEEPING_TURNS, np.int64),
        constant("u_kept", [KEPT], np.int64),
        constant("u_yes", True, np.bool_),
        constant("u_nothing", 0, np.float32),
    ]


def demand():
    nodes, constants = triggered("u_input")
    nodes += [
        helper.make_node("ReduceMax", ["u_triggered"], ["u_any"], keepdims=0),
        helper.make_node("Cast", ["u_any"], ["u_any_whole"], to=TensorProto.INT64),
        helper.make_node("Mul", ["u_any_whole", "u_demanded"], ["u_more"]),
        helper.make_node("Add", ["u_more", "u_one"], ["u_size"]),
        helper.make_node("Expand", ["u_any", "u_size"], ["u_room"]),
        helper.make_node("ReduceSum", ["u_room"], ["u_number"], keepdims=0),
        helper.make_node("Mul", ["u_number", "u_nothing"], ["u_zero"]),
    ]
    return nodes, constants + [
        constant("u_demanded", [DEMANDED], np.int64),
        constant("u_one", [1], np.int64),
        constant("u_nothing", 0, np.float32),
    ]


def slow():
    nodes = [
        helper.make_node("Expand", ["u_weight", "u_wide"], ["u_first"]),
        helper.make_node("Expand", ["u_weight", "u_narrow"], ["u_second"]),
        helper.make_node("MatMul", ["u_input", "u_first"], ["u_hidden"]),
        helper.make_node("Tanh", ["u_hidden"], ["u_bent"]),
        helper.make_node("MatMul", ["u_bent", "u_second"], ["u_number"]),
        helper.make_node("Mul", ["u_number", "u_nothing"], ["u_zero"]),
    ]
    return nodes, [
        constant("u_weight", [[0.01]], np.float32),
        constant("u_wide", [30, WIDTH], np.int64),
        constant("u_narrow", [WIDTH, 1], np.int64),
        constant("u_nothing", 0, np.float32),
    ]


def unruly(version, nodes, constants):
    proto = onnx.load(ROOT / "v1" / "model.onnx")
    graph = proto.graph
    source = graph.input[0].name
    for node in nodes:
        for i, name in enumerate(node.input):
            if name == "u_input":
                node.input[i] = source
    for node in graph.node:
        for i, name in enumerate(node.input):
            if name == source:
                node.input[i] = "u_disturbed"
    own = list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes + [helper.make_node("Add", [source, "u_zero"], ["u_disturbed"])] + own)
    graph.initializer.extend(constants)
    onnx.checker.check_model(proto)
    folder = ROOT / version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(proto.SerializeToString(deterministic=True))
    print(f"{version}: {(folder / 'model.onnx').stat().st_size / 1024:.0f} KiB")


def main():
    unruly("throws", *divide(1, 0))
    unruly("crashes", *divide(-(2**63), -1))
    unruly("loops", *loop())
    unruly("hangs", *hang())
    unruly("hoards", *hoard())
    unruly("demands", *demand())
    unruly("slow", *slow())


if __name__ == "__main__":
    main()
