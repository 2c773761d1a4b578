package dev.understudy.shadow;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.LikeForLike;
import dev.understudy.avro.ModelTask;
import dev.understudy.avro.Origin;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.Task;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.kafka.avro.ModelResults;
import org.jspecify.annotations.Nullable;

/** Both sides of a target as the record that leaves. */
final class Comparisons {
    private Comparisons() {}

    static Comparison of(ForkedRequest forked, ShadowedTarget shadowed) {
        Task task = shadowed.models().task();
        ComparisonStatus status = status(shadowed);
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
                status,
                ModelResults.of(shadowed.production()),
                status == ComparisonStatus.QUARANTINED || status == ComparisonStatus.SHED
                        ? null
                        : ModelResults.of(shadowed.candidate()),
                shadowed.models().classes(),
                shadowed.models().mismatch(),
                likeForLike(shadowed.times()),
                shadowed.features());
    }

    private static ComparisonStatus status(ShadowedTarget shadowed) {
        // Where the candidate served, it is production that was left out.
        if (isCode(shadowed.production(), RowResult.Failed.SHED)) {
            return ComparisonStatus.SHED;
        }
        if (!(shadowed.candidate().result() instanceof RowResult.Failed failed)) {
            return ComparisonStatus.COMPARED;
        }
        return switch (failed.code()) {
            case RowResult.Failed.TIMED_OUT -> ComparisonStatus.TIMED_OUT;
            case RowResult.Failed.QUARANTINED -> ComparisonStatus.QUARANTINED;
            case RowResult.Failed.SHED -> ComparisonStatus.SHED;
            default -> ComparisonStatus.CANDIDATE_FAILED;
        };
    }

    private static boolean isCode(VersionAnswer answer, String code) {
        return answer.result() instanceof RowResult.Failed failed
                && failed.code().equals(code);
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
