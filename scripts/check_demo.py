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
    assert summary["verdict"] in ("REJECT", "NOT_READY"), f"{version}: {summary['verdict']}, {summary['reasons']}"
    assert {gate["name"] for gate in summary["gates"]} >= {"errors", "flips"}, f"{version}: gates are missing"
    assert summary["divergence"]["n"] == ledger["compared"], f"{version}: {summary['divergence']} against {ledger}"
    assert 0 < summary["divergence"]["meanAbsDiff"] < 1, f"{version}: {summary['divergence']}"
    assert summary["latency"]["candidate"]["p99Nanos"] > 0, f"{version}: {summary['latency']}"
compared = {summary["ledger"]["compared"] for summary in by_candidate.values()}
assert len(compared) == 1, f"every candidate is compared on every request, got {compared}"
slow, usual = (by_candidate[version]["latency"]["candidate"]["p50Nanos"] for version in ("v4", "v2"))
assert slow > usual, f"v4 must be slower than v2, was {slow} against {usual}"
print("demo: " + ", ".join(f"{version} {by_candidate[version]['verdict']}" for version in sorted(by_candidate)))
