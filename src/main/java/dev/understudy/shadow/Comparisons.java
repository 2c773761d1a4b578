package dev.understudy.shadow;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.LikeForLike;
import dev.understudy.avro.ModelTask;
import dev.understudy.avro.Origin;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.Task;
import dev.understudy.kafka.avro.ModelResults;
import org.jspecify.annotations.Nullable;

/** Both sides of a target as the record that leaves. */
final class Comparisons {
    private Comparisons() {}

    static Comparison of(ForkedRequest forked, ShadowedTarget shadowed) {
        Task task = shadowed.models().task();
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
                task == null ? null : ModelTask.valueOf(task.name()),
                shadowed.candidate().result() instanceof RowResult.Scored
                        ? ComparisonStatus.COMPARED
                        : ComparisonStatus.CANDIDATE_FAILED,
                ModelResults.of(shadowed.production()),
                ModelResults.of(shadowed.candidate()),
                shadowed.models().classes(),
                shadowed.models().mismatch(),
                likeForLike(shadowed.times()),
                shadowed.features());
    }

    private static @Nullable LikeForLike likeForLike(@Nullable BatchTimes times) {
        return times == null
                ? null
                : new LikeForLike(
                        times.rows(),
                        times.productionNanos(),
                        times.candidateNanos(),
                        times.productionAgainNanos(),
                        times.productionFailed(),
                        times.candidateFailed());
    }
}
