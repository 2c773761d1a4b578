package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.domain.StageBook;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Collects evidence of one partition of comparisons and tells the merge, by wall-clock, what changed. */
final class EvidenceCollector implements Processor<String, Comparison, byte[], EvidenceMessage> {
    private final EvaluateSettings settings;
    private final StageBook stages;
    private @Nullable CollectedPartition partition;

    EvidenceCollector(EvaluateSettings settings, StageBook stages) {
        this.settings = settings;
        this.stages = stages;
    }

    @Override
    public void init(ProcessorContext<byte[], EvidenceMessage> context) {
        CollectedPartition collected = new CollectedPartition(
                context.taskId().partition(),
                settings,
                stages,
                context.getStateStore(EvaluateTopology.PARTIAL_EVIDENCE),
                context.getStateStore(EvaluateTopology.SOURCE_PROGRESS));
        partition = collected;
        context.schedule(
                settings.interval(),
                PunctuationType.WALL_CLOCK_TIME,
                now -> collected.publish(message ->
                        context.forward(new Record<>(EvidenceMessageSerde.topicKey(message), message, now))));
    }

    @Override
    public void process(Record<String, Comparison> record) {
        if (partition == null) {
            throw new IllegalStateException("a comparison came before the processor was initialised");
        }
        if (record.value() == null) {
            throw new IllegalArgumentException("a comparison must have a value, had none");
        }
        partition.add(record.value(), record.timestamp());
    }
}
