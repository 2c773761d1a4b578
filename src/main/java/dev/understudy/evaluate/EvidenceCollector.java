package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.domain.StageBook;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Collects evidence of one partition of comparisons, predictions and outcomes, and tells the merge, by wall-clock, what
 * changed.
 */
final class EvidenceCollector implements Processor<byte[], Object, byte[], EvidenceMessage> {
    private final EvaluateSettings settings;
    private final StageBook stages;
    private final WatchedStores evidence;
    private final WatchedStores progress;
    private @Nullable CollectedPartition partition;
    private @Nullable ProcessorContext<byte[], EvidenceMessage> context;

    EvidenceCollector(EvaluateSettings settings, StageBook stages, WatchedStores evidence, WatchedStores progress) {
        this.settings = settings;
        this.stages = stages;
        this.evidence = evidence;
        this.progress = progress;
    }

    @Override
    public void init(ProcessorContext<byte[], EvidenceMessage> newContext) {
        context = newContext;
        CollectedPartition collected = new CollectedPartition(
                newContext.taskId().partition(),
                settings,
                stages,
                inPlace(evidence, newContext),
                inPlace(progress, newContext),
                settings.outcomes().join() ? newContext.getStateStore(EvaluateTopology.AWAITED_OUTCOMES) : null);
        partition = collected;
        newContext.schedule(
                settings.interval(),
                PunctuationType.WALL_CLOCK_TIME,
                now -> collected.publish(message ->
                        newContext.forward(new Record<>(EvidenceMessageSerde.topicKey(message), message, now))));
    }

    private static InPlaceStore inPlace(WatchedStores stores, ProcessorContext<byte[], EvidenceMessage> context) {
        InPlaceStore store = new InPlaceStore(context.getStateStore(stores.name()));
        stores.watch(context.taskId(), store::handedDown);
        return store;
    }

    @Override
    public void process(Record<byte[], Object> record) {
        if (partition == null || context == null) {
            throw new IllegalStateException("a record came before the processor was initialised");
        }
        if (record.value() instanceof Comparison comparison) {
            partition.read(InputTopic.COMPARISONS, offset(context));
            partition.add(comparison, record.timestamp());
        } else if (record.value() instanceof Prediction prediction) {
            partition.read(InputTopic.PREDICTIONS, offset(context));
            partition.add(prediction, record.timestamp());
        } else if (record.value() instanceof Outcome outcome) {
            partition.read(InputTopic.OUTCOMES, offset(context));
            partition.add(outcome, context.currentSystemTimeMs());
        } else {
            throw new IllegalArgumentException("a comparison, a prediction or an outcome must have a value, had "
                    + (record.value() == null ? "none" : "a " + record.value().getClass()));
        }
    }

    private static long offset(ProcessorContext<?, ?> context) {
        return context.recordMetadata()
                .orElseThrow(() -> new IllegalStateException("a record that was read has an offset"))
                .offset();
    }
}
