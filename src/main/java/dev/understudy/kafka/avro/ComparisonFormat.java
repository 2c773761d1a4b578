package dev.understudy.kafka.avro;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.LikeForLike;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.ModelTask;
import dev.understudy.avro.Origin;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** {@code Comparison.avsc}: SHADOW writes one for each request and candidate, and EVALUATE reads it. */
final class ComparisonFormat implements RecordFormat<Comparison> {
    private static final ModelTask[] TASKS = ModelTask.values();
    private static final ComparisonStatus[] STATUSES = ComparisonStatus.values();

    private final TextCache<String> texts = TextCache.ofTexts();
    private final NameCache attributeNames = new NameCache();
    private final NameCache featureNames = new NameCache();
    private final NameCache classNames = new NameCache();

    @Override
    public Schema schema() {
        return Comparison.getClassSchema();
    }

    @Override
    public Comparison read(AvroCursor in) {
        return new Comparison(
                in.readString("requestId"),
                in.readString("entityId"),
                new Origin(in.readInt("origin.partition"), in.readLong("origin.offset")),
                texts.read(in, "model"),
                texts.read(in, "productionVersion"),
                texts.read(in, "candidateVersion"),
                texts.read(in, "servedVersion"),
                in.readLong("epoch"),
                AvroValues.readTexts(in, attributeNames, "attributes"),
                in.readBranch(2, "task") == 0 ? null : TASKS[in.readSymbol(TASKS.length, "task")],
                STATUSES[in.readSymbol(STATUSES.length, "status")],
                readResult(in, "production"),
                in.readBranch(2, "candidate") == 0 ? null : readResult(in, "candidate"),
                readClasses(in),
                texts.readOptional(in, "mismatch"),
                readLikeForLike(in),
                AvroValues.readTexts(in, featureNames, "features"));
    }

    @Override
    public void write(AvroBuffer out, Comparison comparison) {
        out.writeString(comparison.getRequestId());
        out.writeString(comparison.getEntityId());
        out.writeLong(comparison.getOrigin().getPartition());
        out.writeLong(comparison.getOrigin().getOffset());
        out.writeString(comparison.getModel());
        out.writeString(comparison.getProductionVersion());
        out.writeString(comparison.getCandidateVersion());
        out.writeString(comparison.getServedVersion());
        out.writeLong(comparison.getEpoch());
        AvroValues.writeTexts(out, comparison.getAttributes());
        ModelTask task = comparison.getTask().orElse(null);
        out.writeBranch(task);
        if (task != null) {
            AvroValues.writeSymbol(out, task);
        }
        AvroValues.writeSymbol(out, comparison.getStatus());
        writeResult(out, comparison.getProduction());
        ModelResult candidate = comparison.getCandidate().orElse(null);
        out.writeBranch(candidate);
        if (candidate != null) {
            writeResult(out, candidate);
        }
        writeClasses(out, comparison.getClasses());
        AvroValues.writeOptionalString(out, comparison.getMismatch().orElse(null));
        LikeForLike likeForLike = comparison.getLikeForLike().orElse(null);
        out.writeBranch(likeForLike);
        if (likeForLike != null) {
            writeLikeForLike(out, likeForLike);
        }
        AvroValues.writeTexts(out, comparison.getFeatures());
    }

    private static void writeResult(AvroBuffer out, ModelResult result) {
        out.writeString(result.getModelVersion());
        AvroValues.writeAnswer(
                out,
                result.getScore().orElse(null),
                result.getLabel().orElse(null),
                result.getProbabilities().orElse(null),
                AvroValues.array(result.getVector().orElse(null)));
        AvroValues.writeOptionalString(out, result.getErrorCode().orElse(null));
        AvroValues.writeOptionalString(out, result.getErrorMessage().orElse(null));
        out.writeLong(result.getBatchNanos());
        out.writeLong(result.getBatchRows());
    }

    private ModelResult readResult(AvroCursor in, String field) {
        return new ModelResult(
                texts.read(in, field),
                AvroValues.readOptionalDouble(in, field),
                texts.readOptional(in, field),
                in.readBranch(2, field) == 0 ? null : AvroValues.readNumbers(in, classNames, field),
                in.readBranch(2, field) == 0 ? null : AvroValues.readDoubleList(in, field),
                texts.readOptional(in, field),
                AvroValues.readOptionalString(in, field),
                in.readLong(field),
                in.readInt(field));
    }

    private List<String> readClasses(AvroCursor in) {
        List<String> classes = new ArrayList<>(2);
        for (int count = in.beginBlock(1, "classes"); count > 0; count = in.beginBlock(1, "classes")) {
            int blockEnd = in.blockEnd();
            for (int i = 0; i < count; i++) {
                classes.add(texts.read(in, "classes"));
            }
            in.endBlock(blockEnd, "classes");
        }
        return classes;
    }

    private static void writeClasses(AvroBuffer out, List<String> classes) {
        if (!classes.isEmpty()) {
            out.writeLong(classes.size());
            classes.forEach(out::writeString);
        }
        out.writeLong(0);
    }

    private static @Nullable LikeForLike readLikeForLike(AvroCursor in) {
        return in.readBranch(2, "likeForLike") == 0
                ? null
                : new LikeForLike(
                        in.readInt("likeForLike.rows"),
                        in.readLong("likeForLike.productionNanos"),
                        in.readLong("likeForLike.candidateNanos"),
                        in.readLong("likeForLike.productionAgainNanos"),
                        in.readBoolean("likeForLike.productionFailed"),
                        in.readBoolean("likeForLike.candidateFailed"));
    }

    private static void writeLikeForLike(AvroBuffer out, LikeForLike times) {
        out.writeLong(times.getRows());
        out.writeLong(times.getProductionNanos());
        out.writeLong(times.getCandidateNanos());
        out.writeLong(times.getProductionAgainNanos());
        out.writeBoolean(times.getProductionFailed());
        out.writeBoolean(times.getCandidateFailed());
    }
}
