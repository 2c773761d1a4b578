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

/** {@code Comparison.avsc}, of which EVALUATE reads one for each request and candidate. */
final class ComparisonReader implements RecordReader<Comparison> {
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
}
