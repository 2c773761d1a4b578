package dev.understudy.evidence;

import dev.understudy.domain.Task;
import org.jspecify.annotations.Nullable;

/**
 * What one comparison contributes to evidence.
 *
 * @param entityHash {@link EntityHash} of the entity; computed once and used for {@code all}, windows and segments
 * @param eventTimeMillis when the request was made, milliseconds since the epoch; chooses the time block
 * @param task what the models predict; null when neither could be loaded
 * @param servedByCandidate whether the caller got the candidate's answer
 */
public record PairObservation(
        long entityHash,
        long eventTimeMillis,
        @Nullable Task task,
        CandidateStatus status,
        boolean servedByCandidate,
        Answer production,
        Answer candidate) {

    /** The observation of an entity by its id. */
    public static PairObservation of(
            String entityId,
            long eventTimeMillis,
            @Nullable Task task,
            CandidateStatus status,
            boolean servedByCandidate,
            Answer production,
            Answer candidate) {
        return new PairObservation(
                EntityHash.of(entityId), eventTimeMillis, task, status, servedByCandidate, production, candidate);
    }

    boolean candidateError() {
        return status.isError() || candidate.error();
    }

    /** Both versions answered, so the answers may be compared. */
    boolean answeredTwice() {
        return status == CandidateStatus.COMPARED && !production.error() && !candidate.error();
    }
}
