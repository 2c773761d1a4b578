package dev.understudy.evaluate;

import dev.understudy.avro.Provenance;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What only the running stage knew: the time of the decision, {@code heardAt}, {@code lagMillis}, the candidates in force, and
 * by what else the stage was counted. No topic says it, so a computation takes it as it was published. Some values can hardly
 * have been; but clocks go back, and an instance hears of a declaration late, so they are doubts and no proof.
 */
final class TakenAsPublished {
    /** An instance that is well has heard of a declaration by then. */
    private static final Duration HEARD_OF = Duration.ofMinutes(1);

    private TakenAsPublished() {}

    /** @param inForce stages that have not been ended, the latest of each pair */
    static List<String> doubts(ReadinessSummary summary, Collection<DeclaredStage> inForce) {
        List<String> doubts = new ArrayList<>();
        Provenance provenance = summary.getProvenance();
        Instant decided = summary.getEvaluatedAt();
        provenance
                .getHeardAt()
                .filter(heard -> heard.isAfter(decided))
                .ifPresent(heard -> doubts.add("provenance.heardAt is " + heard + ", after the decision, " + decided));
        provenance
                .getLagMillis()
                .filter(lag -> lag < 0)
                .ifPresent(lag -> doubts.add("provenance.lagMillis is " + lag + ", must be at least 0"));
        ModelPair pair = Recomputation.pairOf(summary);
        long candidates = 1
                + inForce.stream()
                        .filter(stage -> pair.isBeside(stage.pair()))
                        .filter(stage -> stage.since().plus(HEARD_OF).isBefore(decided))
                        .count();
        if (summary.getStage().getCandidates() < candidates) {
            doubts.add("stage.candidates is " + summary.getStage().getCandidates() + ", but rollout-stages has "
                    + candidates + " candidates in force beside " + pair.production() + " since before the decision;"
                    + " each is judged at alpha / candidates");
        }
        return doubts;
    }
}
