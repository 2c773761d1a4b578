package dev.understudy.evaluate;

import dev.understudy.avro.Provenance;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.evaluate.Verified.Difference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What only the running stage knew: the time of the decision, {@code heardAt}, {@code lagMillis} and the candidates in force. No
 * topic says it, so a computation takes it as it was published; but some values cannot be.
 */
final class TakenAsPublished {
    /** By then every instance has heard of a declaration. */
    private static final Duration HEARD_OF = Duration.ofMinutes(1);

    private TakenAsPublished() {}

    /** Values that cannot have been, each with what is the least or the most. */
    static List<Difference> contradictions(ReadinessSummary summary, Collection<DeclaredStage> declared) {
        List<Difference> contradictions = new ArrayList<>();
        Provenance provenance = summary.getProvenance();
        Instant decided = summary.getEvaluatedAt();
        provenance
                .getHeardAt()
                .filter(heard -> heard.isAfter(decided))
                .ifPresent(heard -> contradictions.add(
                        new Difference("provenance.heardAt", heard.toString(), "at most evaluatedAt, " + decided)));
        provenance
                .getLagMillis()
                .filter(lag -> lag < 0)
                .ifPresent(lag ->
                        contradictions.add(new Difference("provenance.lagMillis", lag.toString(), "at least 0")));
        long inForce = 1 + besides(summary, declared);
        if (summary.getStage().getCandidates() < inForce) {
            contradictions.add(new Difference(
                    "stage.candidates",
                    Integer.toString(summary.getStage().getCandidates()),
                    "at least " + inForce + ", as rollout-stages says"));
        }
        return contradictions;
    }

    /** Other candidates whose latest stage was in force then. That of one that has been declared anew since is not known. */
    private static long besides(ReadinessSummary summary, Collection<DeclaredStage> declared) {
        ModelPair pair = Recomputation.pairOf(summary);
        Map<ModelPair, DeclaredStage> latest = new HashMap<>();
        for (DeclaredStage stage : declared) {
            latest.merge(stage.pair(), stage, (one, other) -> one.epoch() > other.epoch() ? one : other);
        }
        return latest.values().stream()
                .filter(stage -> pair.isBeside(stage.pair()))
                .filter(stage -> stage.since().plus(HEARD_OF).isBefore(summary.getEvaluatedAt()))
                .count();
    }
}
