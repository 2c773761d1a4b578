package dev.understudy.kafka.avro;

import dev.understudy.avro.Origin;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.RoutingDecision;
import dev.understudy.avro.RoutingReason;
import dev.understudy.avro.ShadowTarget;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/** {@code Prediction.avsc}, of which EVALUATE reads one for each request. */
final class PredictionReader implements RecordReader<Prediction> {
    private static final PredictionStatus[] STATUSES = PredictionStatus.values();
    private static final RoutingReason[] REASONS = RoutingReason.values();

    private final TextCache<String> texts = TextCache.ofTexts();
    private final NameCache classNames = new NameCache();

    @Override
    public Schema schema() {
        return Prediction.getClassSchema();
    }

    @Override
    public Prediction read(AvroCursor in) {
        return new Prediction(
                in.readString("requestId"),
                in.readString("entityId"),
                new Origin(in.readInt("origin.partition"), in.readLong("origin.offset")),
                texts.read(in, "model"),
                texts.readOptional(in, "modelVersion"),
                STATUSES[in.readSymbol(STATUSES.length, "status")],
                AvroValues.readOptionalDouble(in, "score"),
                texts.readOptional(in, "label"),
                in.readBranch(2, "probabilities") == 0 ? null : AvroValues.readNumbers(in, classNames, "probabilities"),
                in.readBranch(2, "vector") == 0 ? null : AvroValues.readDoubleList(in, "vector"),
                texts.readOptional(in, "errorCode"),
                AvroValues.readOptionalString(in, "errorMessage"),
                new RoutingDecision(
                        texts.read(in, "decision.flagKey"),
                        texts.readOptional(in, "decision.variation"),
                        REASONS[in.readSymbol(REASONS.length, "decision.reason")]),
                in.readLong("epoch"),
                in.readLong("queueNanos"),
                in.readLong("batchNanos"),
                in.readInt("batchRows"),
                in.readLong("scoredAt"),
                readTargets(in),
                in.readBranch(2, "flagsStaleSince") == 0 ? null : (Long) in.readLong("flagsStaleSince"));
    }

    private List<ShadowTarget> readTargets(AvroCursor in) {
        List<ShadowTarget> targets = new ArrayList<>(1);
        for (int count = in.beginBlock(3, "shadowTargets"); count > 0; count = in.beginBlock(3, "shadowTargets")) {
            int blockEnd = in.blockEnd();
            for (int i = 0; i < count; i++) {
                targets.add(new ShadowTarget(
                        texts.read(in, "shadowTargets.productionVersion"),
                        texts.read(in, "shadowTargets.candidateVersion"),
                        in.readLong("shadowTargets.epoch")));
            }
            in.endBlock(blockEnd, "shadowTargets");
        }
        return targets;
    }
}
