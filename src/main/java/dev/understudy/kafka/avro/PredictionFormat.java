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

/** {@code Prediction.avsc}: SCORE writes one for each request, and EVALUATE reads it. */
final class PredictionFormat implements RecordFormat<Prediction> {
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

    @Override
    public void write(AvroBuffer out, Prediction prediction) {
        out.writeString(prediction.getRequestId());
        out.writeString(prediction.getEntityId());
        out.writeLong(prediction.getOrigin().getPartition());
        out.writeLong(prediction.getOrigin().getOffset());
        out.writeString(prediction.getModel());
        AvroValues.writeOptionalString(out, prediction.getModelVersion().orElse(null));
        AvroValues.writeSymbol(out, prediction.getStatus());
        AvroValues.writeAnswer(
                out,
                prediction.getScore().orElse(null),
                prediction.getLabel().orElse(null),
                prediction.getProbabilities().orElse(null),
                AvroValues.array(prediction.getVector().orElse(null)));
        AvroValues.writeOptionalString(out, prediction.getErrorCode().orElse(null));
        AvroValues.writeOptionalString(out, prediction.getErrorMessage().orElse(null));
        out.writeString(prediction.getDecision().getFlagKey());
        AvroValues.writeOptionalString(
                out, prediction.getDecision().getVariation().orElse(null));
        AvroValues.writeSymbol(out, prediction.getDecision().getReason());
        out.writeLong(prediction.getEpoch());
        out.writeLong(prediction.getQueueNanos());
        out.writeLong(prediction.getBatchNanos());
        out.writeLong(prediction.getBatchRows());
        out.writeLong(prediction.getScoredAt());
        writeTargets(out, prediction.getShadowTargets());
        Long staleSince = prediction.getFlagsStaleSince().orElse(null);
        out.writeBranch(staleSince);
        if (staleSince != null) {
            out.writeLong(staleSince);
        }
    }

    private static void writeTargets(AvroBuffer out, List<ShadowTarget> targets) {
        if (!targets.isEmpty()) {
            out.writeLong(targets.size());
            for (ShadowTarget target : targets) {
                out.writeString(target.getProductionVersion());
                out.writeString(target.getCandidateVersion());
                out.writeLong(target.getEpoch());
            }
        }
        out.writeLong(0);
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
