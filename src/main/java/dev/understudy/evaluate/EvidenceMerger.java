package dev.understudy.evaluate;

import dev.understudy.domain.StageBook;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Merges what the partitions tell of the pairs that fall to it, and publishes summaries by wall-clock. */
final class EvidenceMerger implements Processor<byte[], EvidenceMessage, String, Published> {
    private final EvaluateSettings settings;
    private final StageBook stages;
    private final ReadinessJudge judge;
    private @Nullable MergedPairs pairs;
    private @Nullable ProcessorContext<String, Published> context;

    EvidenceMerger(EvaluateSettings settings, StageBook stages, ReadinessJudge judge) {
        this.settings = settings;
        this.stages = stages;
        this.judge = judge;
    }

    @Override
    public void init(ProcessorContext<String, Published> newContext) {
        context = newContext;
        MergedPairs merged = new MergedPairs(
                settings,
                stages,
                judge,
                newContext.getStateStore(EvaluateTopology.MERGED_EVIDENCE),
                newContext.getStateStore(EvaluateTopology.MERGE_PROGRESS),
                newContext.currentSystemTimeMs());
        pairs = merged;
        newContext.schedule(
                settings.interval(),
                PunctuationType.WALL_CLOCK_TIME,
                now -> merged.publish(now, (key, summary) -> newContext.forward(new Record<>(key, summary, now))));
    }

    @Override
    public void process(Record<byte[], EvidenceMessage> record) {
        if (pairs == null || context == null) {
            throw new IllegalStateException("evidence came before the processor was initialised");
        }
        long now = context.currentSystemTimeMs();
        ProcessorContext<String, Published> to = context;
        pairs.receive(record.value(), now, (key, summary) -> to.forward(new Record<>(key, summary, now)));
    }
}
