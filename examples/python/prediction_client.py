"""Asks for a prediction, waits for it by its request id, and reports what really happened.

Arguments: Kafka's bootstrap servers and the registry's URL. Needs the packages confluent-kafka and avro.
"""

import io
import json
import struct
import sys
import time
import urllib.request
import uuid

import avro.io
import avro.schema
from confluent_kafka import Consumer, Producer, TopicPartition

PATIENCE_SECONDS = 30


class Registry:
    """Schemas and their ids, by Confluent's REST API."""

    def __init__(self, url):
        self.url = url
        self.schemas = {}

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=10) as answer:
            return json.load(answer)

    def register(self, subject, schema):
        return self.ask(f"/subjects/{subject}/versions", {"schema": schema})["id"]

    def by_id(self, number):
        if number not in self.schemas:
            self.schemas[number] = avro.schema.parse(self.ask(f"/schemas/ids/{number}")["schema"])
        return self.schemas[number]


class Writer:
    """Writes one topic's values: a zero byte, the schema's id in four bytes, Avro."""

    def __init__(self, registry, topic, schema_file):
        with open(schema_file, encoding="utf-8") as file:
            text = file.read()
        self.number = registry.register(f"{topic}-value", text)
        self.writer = avro.io.DatumWriter(avro.schema.parse(text))

    def encode(self, value):
        buffer = io.BytesIO(struct.pack(">bI", 0, self.number))
        buffer.seek(0, io.SEEK_END)
        self.writer.write(value, avro.io.BinaryEncoder(buffer))
        return buffer.getvalue()


def decode(registry, data):
    magic, number = struct.unpack(">bI", data[:5])
    if magic != 0:
        raise ValueError(f"not in Confluent's wire format: the first byte must be 0, was {magic}")
    reader = avro.io.DatumReader(registry.by_id(number))
    return reader.read(avro.io.BinaryDecoder(io.BytesIO(data[5:])))


def open_predictions(kafka):
    """A consumer at the end of predictions, to be opened before the request is sent."""
    consumer = Consumer({
        "bootstrap.servers": kafka,
        "group.id": "understudy-downstream-client",  # must be set; nothing is committed to it
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
    })
    found = consumer.list_topics("predictions", timeout=10).topics["predictions"].partitions
    ends = []
    for partition in found:
        _, end = consumer.get_watermark_offsets(TopicPartition("predictions", partition), timeout=10)
        ends.append(TopicPartition("predictions", partition, end))
    consumer.assign(ends)
    return consumer


def await_prediction(consumer, registry, request_id):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        message = consumer.poll(0.1)
        if message is None:
            continue
        if message.error():
            raise RuntimeError(f"predictions cannot be read: {message.error()}")
        prediction = decode(registry, message.value())
        if prediction["requestId"] == request_id:
            return prediction
    raise TimeoutError(f"no prediction of request {request_id} within {PATIENCE_SECONDS} s")


def main(kafka, url):
    registry = Registry(url)
    requests = Writer(registry, "prediction-requests", "schemas/PredictionRequest.avsc")
    outcomes = Writer(registry, "outcomes", "schemas/Outcome.avsc")
    # Java's partitioner, so that outcomes meet their requests whoever writes them.
    producer = Producer({"bootstrap.servers": kafka, "partitioner": "murmur2_random"})
    consumer = open_predictions(kafka)

    request_id, entity_id = str(uuid.uuid4()), "card-7"
    producer.produce("prediction-requests", key=entity_id, value=requests.encode({
        "requestId": request_id,
        "entityId": entity_id,
        "attributes": {"region": "eu"},
        "createdAt": int(time.time() * 1000),
        "features": {
            "amount": 32.29, "amount_ratio": 1.638, "hour": 4, "utc_offset": -5, "account_age_days": 707,
            "payments_24h": 12, "failed_logins": 1, "distance_km": 11.9, "cross_border": 0, "merchant_risk": 0.474,
            "device_trust": 0.646, "online": 1, "typing_seconds": 1.2,
        },
    }))
    producer.flush(10)
    prediction = await_prediction(consumer, registry, request_id)
    consumer.close()
    print(f"{entity_id}: {prediction['status']}, label {prediction['label']}, score {prediction['score']},"
          f" by {prediction['modelVersion']}, {prediction['errorMessage']}")

    producer.produce("outcomes", key=entity_id, value=outcomes.encode({
        "requestId": request_id, "entityId": entity_id, "label": "0", "value": None, "businessValue": None,
        "observedAt": int(time.time() * 1000),
    }))
    if producer.flush(10):
        raise RuntimeError("the outcome was not sent within 10 s")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
