package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.kafka.TopicReader;
import dev.understudy.report.Decisions;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What readiness says to a step of a rollout.
 *
 * @param summary the latest decision on the pair over all requests; empty where there is none or it cannot be read
 * @param stage that is declared for the pair; empty where there is none or it cannot be read
 * @param percent the stage that is to start; empty where nothing says which is next
 * @param refusal why the step may not be taken; empty where it may
 */
record StepReadiness(
        Optional<ReadinessSummary> summary,
        Optional<DeclaredStage> stage,
        Optional<Integer> percent,
        Optional<String> refusal) {
    /**
     * Reads it from the broker. One that cannot be reached refuses.
     *
     * @param percent null for whichever stage is next
     */
    static StepReadiness read(Understudy understudy, ModelPair pair, @Nullable Integer percent) {
        Optional<Integer> asked = Optional.ofNullable(percent);
        Decisions report = new Decisions();
        Collection<DeclaredStage> stages;
        try (TopicReader<String, ReadinessSummary> reader =
                understudy.reader(understudy.topics().rolloutReadiness())) {
            reader.readToEnd(report::take);
            stages = understudy.declaredStages();
        } catch (RuntimeException e) {
            return new StepReadiness(
                    Optional.empty(),
                    Optional.empty(),
                    asked,
                    Optional.of("readiness cannot be read: " + FailureHandler.describe(e)));
        }
        Optional<DeclaredStage> stage =
                stages.stream().filter(declared -> declared.pair().equals(pair)).findFirst();
        Optional<ReadinessSummary> summary = report.only(decision -> isOn(decision, pair)).summaries().stream()
                .findFirst();
        if (summary.isEmpty()) {
            return new StepReadiness(
                    summary,
                    stage,
                    asked,
                    Optional.of("no decision on candidate " + pair.candidate() + " against " + pair.production()
                            + " has been published"));
        }
        OptionalLong epoch = stage.stream().mapToLong(DeclaredStage::epoch).findFirst();
        return new StepReadiness(
                summary,
                stage,
                asked.or(summary.get()::getNextStage),
                ReadinessGate.refusal(summary.get(), epoch, percent, understudy.hashes(), Instant.now())
                        .or(() -> noFurther(summary.get())));
    }

    private static boolean isOn(ReadinessSummary summary, ModelPair pair) {
        return summary.getModel().equals(pair.model())
                && summary.getProductionVersion().equals(pair.production().name())
                && summary.getCandidateVersion().equals(pair.candidate().name())
                && summary.getSegment().equals(Decisions.ALL);
    }

    private static Optional<String> noFurther(ReadinessSummary summary) {
        return summary.getNextStage().isPresent()
                ? Optional.empty()
                : Optional.of(
                        "there is no further stage after " + summary.getStage().getPercent() + " %");
    }

    /** The verdict with its explanation, in one line. */
    String sentence() {
        return summary.map(decision -> SummaryText.sentence(decision, Instant.now()))
                .orElseGet(() -> refusal.orElse(""));
    }
}
