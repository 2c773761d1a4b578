package dev.understudy.shadow;

import dev.understudy.avro.Comparison;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.kafka.Polled;
import dev.understudy.kafka.ScoringAhead;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** Writes one comparison for each target, in their order. */
final class ShadowProcessor
        extends ContextualProcessor<byte[], Polled<ForkedRequest, ShadowedRequest>, String, Comparison> {
    private final ScoringAhead<ForkedRequest, ShadowedRequest> ahead;

    ShadowProcessor(ScoringAhead<ForkedRequest, ShadowedRequest> ahead) {
        this.ahead = ahead;
    }

    @Override
    public void process(Record<byte[], Polled<ForkedRequest, ShadowedRequest>> record) {
        ShadowedRequest shadowed = ahead.result(record.value());
        String entityId = shadowed.forked().request().entityId();
        for (ShadowedTarget target : shadowed.targets()) {
            context().forward(new Record<>(entityId, Comparisons.of(shadowed.forked(), target), record.timestamp()));
        }
    }
}
