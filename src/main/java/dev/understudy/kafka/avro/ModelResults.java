package dev.understudy.kafka.avro;

import dev.understudy.avro.ModelResult;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A version's answer as it stands in records. */
public final class ModelResults {
    private ModelResults() {}

    public static ModelResult of(VersionAnswer answer) {
        RowResult.Scored scored = answer.result() instanceof RowResult.Scored given ? given : null;
        RowResult.Failed failure = answer.result() instanceof RowResult.Failed failed ? failed : null;
        Map<String, Double> probabilities = scored == null ? Map.of() : probabilities(scored);
        return new ModelResult(
                answer.version().name(),
                scored == null ? null : scored.score(),
                scored == null ? null : scored.label(),
                probabilities.isEmpty() ? null : probabilities,
                scored == null ? null : list(scored.vector()),
                failure == null ? null : failure.code(),
                failure == null ? null : failure.message(),
                answer.batchNanos(),
                answer.batchRows());
    }

    /** Those that are written: of two classes the score says all, so none. */
    static Map<String, Double> probabilities(RowResult.Scored scored) {
        return scored.probabilities().size() <= 2 ? Map.of() : scored.probabilities();
    }

    private static @Nullable List<Double> list(double @Nullable [] vector) {
        return vector == null ? null : Arrays.stream(vector).boxed().toList();
    }
}
