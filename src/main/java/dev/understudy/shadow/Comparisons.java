package dev.understudy.shadow;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.ModelTask;
import dev.understudy.avro.Origin;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Both sides of a target as the record that leaves. */
final class Comparisons {
    private Comparisons() {}

    static Comparison of(ForkedRequest forked, ShadowedTarget shadowed) {
        return new Comparison(
                forked.request().requestId(),
                forked.request().entityId(),
                new Origin(forked.origin().partition(), forked.origin().offset()),
                forked.model(),
                shadowed.target().production().name(),
                shadowed.target().candidate().name(),
                forked.served().version().name(),
                shadowed.target().epoch(),
                forked.request().attributes(),
                shadowed.task() == null
                        ? null
                        : ModelTask.valueOf(shadowed.task().name()),
                shadowed.candidate().result() instanceof RowResult.Scored
                        ? ComparisonStatus.COMPARED
                        : ComparisonStatus.CANDIDATE_FAILED,
                result(shadowed.production()),
                result(shadowed.candidate()),
                List.of(),
                null,
                null,
                Map.of());
    }

    private static ModelResult result(VersionAnswer answer) {
        RowResult.Scored scored = answer.result() instanceof RowResult.Scored given ? given : null;
        RowResult.Failed failure = answer.result() instanceof RowResult.Failed failed ? failed : null;
        return new ModelResult(
                answer.version().name(),
                scored == null ? null : scored.score(),
                scored == null ? null : scored.label(),
                scored == null || scored.probabilities().size() <= 2 ? null : scored.probabilities(),
                scored == null ? null : list(scored.vector()),
                failure == null ? null : failure.code(),
                failure == null ? null : failure.message(),
                answer.batchNanos(),
                answer.batchRows());
    }

    private static @Nullable List<Double> list(double @Nullable [] vector) {
        return vector == null ? null : Arrays.stream(vector).boxed().toList();
    }
}
