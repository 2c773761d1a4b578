#!/usr/bin/env python3
"""Checks what `understudy demo --format json` printed: every candidate has a decision on real traffic."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    summaries = [summary for summary in json.load(file) if summary["segment"] == "all"]

by_candidate = {summary["candidateVersion"]: summary for summary in summaries}
assert set(by_candidate) == {"v2", "v3", "v4"}, f"decisions for v2, v3 and v4 expected, got {sorted(by_candidate)}"
for version, summary in by_candidate.items():
    ledger = summary["ledger"]
    assert ledger["compared"] >= 1000, f"{version}: at least 1000 comparisons expected, got {ledger['compared']}"
    assert ledger["failed"] == 0, f"{version}: no failed comparison expected, got {ledger['failed']}"
    # A machine that is busy with other things falls behind its lag budget, and sheds: that is said, and balances.
    came = ledger["compared"] + ledger["shed"]
    assert ledger["eligible"] == came, f"{version}: every comparison that was due came, got {ledger}"
    assert (ledger["pending"], ledger["gap"]) == (0, 0), f"{version}: the ledger must balance, got {ledger}"
    assert summary["verdict"] in ("REJECT", "NOT_READY", "READY"), f"{version}: {summary['verdict']}, {summary['reasons']}"
    gates = {gate["name"] for gate in summary["gates"]}
    expected = {"errors", "tail-latency", "typical-latency", "flips", "score-shift", "accuracy", "brier"}
    assert gates == expected, f"{version}: gates are {gates}"
    assert summary["divergence"]["n"] == ledger["compared"], f"{version}: {summary['divergence']} against {ledger}"
    assert 0 < summary["divergence"]["meanAbsDiff"] < 1, f"{version}: {summary['divergence']}"
    assert summary["latency"]["candidate"]["p99Nanos"] > 0, f"{version}: {summary['latency']}"
    assert summary["batchLatency"]["batches"] > 0, f"{version}: no like-for-like batch"
    assert summary["outcomes"]["joined"] > 1000, f"{version}: {summary['outcomes']}"
    assert summary["stage"]["candidates"] == 3, f"{version}: alpha is shared among three, got {summary['stage']}"
slow, usual = (by_candidate[version]["batchLatency"]["ratio"] for version in ("v4", "v2"))
assert slow > 2 * usual, f"v4 must be slower than v2, was {slow} against {usual}"
print("demo: " + ", ".join(f"{version} {by_candidate[version]['verdict']}" for version in sorted(by_candidate)))
