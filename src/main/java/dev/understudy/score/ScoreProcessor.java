package dev.understudy.score;

import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.Origin;
import dev.understudy.domain.Request;
import dev.understudy.kafka.DerivedHeaders;
import dev.understudy.kafka.Polled;
import dev.understudy.kafka.ScoringAhead;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Writes down what the scorer decided, with the origin of the request. */
final class ScoreProcessor extends ContextualProcessor<byte[], Polled<Request, ScoredRequest>, String, Object> {
    private final String model;
    private final ScoringAhead<Request, ScoredRequest> ahead;

    ScoreProcessor(String model, ScoringAhead<Request, ScoredRequest> ahead) {
        this.model = model;
        this.ahead = ahead;
    }

    @Override
    public void process(Record<byte[], Polled<Request, ScoredRequest>> record) {
        RecordMetadata source = context()
                .recordMetadata()
                .orElseThrow(() -> new IllegalStateException("a request has no partition and offset"));
        Origin origin = new Origin(source.partition(), source.offset());
        ScoredRequest scored = ahead.result(record.value());
        Request request = scored.request();
        context()
                .forward(
                        new Record<>(
                                request.entityId(),
                                Predictions.of(scored, model, origin),
                                record.timestamp(),
                                DerivedHeaders.ofAnswer(record.headers())),
                        ScoreTopology.PREDICTIONS);
        if (!scored.targets().isEmpty()) {
            context()
                    .forward(
                            new Record<>(
                                    request.entityId(),
                                    new ForkedRequest(
                                            origin,
                                            model,
                                            scored.answer(),
                                            scored.targets(),
                                            scored.scoredAtMillis(),
                                            request),
                                    record.timestamp()),
                            ScoreTopology.SHADOW_REQUESTS);
        }
    }
}
