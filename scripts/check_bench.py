#!/usr/bin/env python3
"""Checks what `understudy bench --quick --format json` printed on one model: no variant has become far dearer than its peers.

The bounds are generous: a quick run on a busy machine is rough, and what it is to catch is a record that costs twice as much.
"""

import json
import sys

BOUNDS = {"score/copy": 3.0, "score/bare": 6.0, "score+fork/score": 4.0, "pipeline/score": 15.0}

with open(sys.argv[1], encoding="utf-8") as file:
    bench = json.load(file)
assert {run["variant"] for run in bench["runs"]} == {"bare", "copy", "naive", "score", "score+fork", "pipeline"}, bench
for run in bench["runs"]:
    assert run["cpuMicrosPerRecord"]["min"] > 0 and run["recordsPerSecond"]["min"] > 0 and run["bytesPerRecord"] > 0, run
for ratio, bound in BOUNDS.items():
    assert bench["ratios"][ratio] <= bound, f"{ratio} must be at most {bound}, was {bench['ratios'][ratio]}"
assert bench["ratios"]["naive/score"] >= 0.8, f"naive/score must be at least 0.8, was {bench['ratios']['naive/score']}"
print("bench: " + ", ".join(f"{name} {value:.2f}" for name, value in bench["ratios"].items()))
