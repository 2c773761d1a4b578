package dev.understudy.evidence;

import dev.understudy.domain.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one comparison contributes to evidence.
 *
 * @param entityHash {@link EntityHash} of the entity; computed once and used for {@code all}, windows and segments
 * @param eventTimeMillis when the request was made, milliseconds since the epoch; chooses the time block
 * @param task what the models predict; null when neither could be loaded
 * @param classes the model's class names; for two classes the second is the positive one, whose probability the score
 *     is. Empty for regression or where not known
 * @param comparable whether the two answers speak of the same thing; false where tasks or classes differ
 */
public record PairObservation(
        long entityHash,
        long eventTimeMillis,
        @Nullable Task task,
        List<String> classes,
        CandidateStatus status,
        boolean comparable,
        Answer production,
        Answer candidate) {

    /** The observation of an entity by its id. */
    public static PairObservation of(
            String entityId,
            long eventTimeMillis,
            @Nullable Task task,
            List<String> classes,
            CandidateStatus status,
            boolean comparable,
            Answer production,
            Answer candidate) {
        return new PairObservation(
                EntityHash.of(entityId), eventTimeMillis, task, classes, status, comparable, production, candidate);
    }

    /** Whether both versions gave valid answers that can be compared: only such pairs have prediction statistics. */
    public boolean isPair() {
        return comparable
                && answeredTwice()
                && PairEvidence.valid(task, production)
                && PairEvidence.valid(task, candidate);
    }

    boolean candidateError() {
        return status.isError() || candidate.error();
    }

    /** Both versions answered, so the answers may be compared. */
    boolean answeredTwice() {
        return status == CandidateStatus.COMPARED && answered(production) && answered(candidate);
    }

    private static boolean answered(Answer answer) {
        return answer.asked() && !answer.error();
    }
}
