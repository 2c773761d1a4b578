#!/usr/bin/env python3
"""Makes examples/pairs.jsonl from the shipped models and requests: v1 as production and v2 as candidate.

    ./understudy score --model models/fraud/v1 --input models/fraud/requests.csv \
        --ignore request_id,entity_id,region,label > target/v1.jsonl
    ./understudy score --model models/fraud/v2 --input models/fraud/requests.csv \
        --ignore request_id,entity_id,region,label > target/v2.jsonl
    python3 scripts/make_pairs.py target/v1.jsonl target/v2.jsonl > examples/pairs.jsonl

Scores and outcomes are those of the models and of the file; times are a request every ten seconds. No latencies: the
scores were not made in batches that both versions shared.
"""

import csv
import datetime
import json
import sys

START = datetime.datetime(2026, 11, 22, tzinfo=datetime.timezone.utc)


def scores(path):
    with open(path, encoding="utf-8") as file:
        return [round(json.loads(line)["score"], 6) for line in file]


production, candidate = scores(sys.argv[1]), scores(sys.argv[2])
with open("models/fraud/requests.csv", encoding="utf-8", newline="") as file:
    for i, row in enumerate(csv.DictReader(file)):
        pair = {
            "requestId": row["request_id"],
            "entityId": row["entity_id"],
            "time": (START + datetime.timedelta(seconds=10 * i)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "attributes": {"region": row["region"]},
            "production": {"score": production[i]},
            "candidate": {"score": candidate[i]},
            "outcome": int(row["label"]),
        }
        print(json.dumps(pair, separators=(",", ":")))
