package dev.understudy.app;

import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.References;
import dev.understudy.readiness.Gate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The rollout stage of one pair, declared as `stage start` does without options, and ended. */
public final class RolloutStages implements StageControl {
    /** How far back the windows go that references are taken from, event time. */
    private static final Duration REFERENCE_WINDOW = Duration.ofHours(1);

    private final Understudy understudy;
    private final ModelPair pair;

    public RolloutStages(Understudy understudy, ModelPair pair) {
        this.understudy = understudy;
        this.pair = pair;
    }

    @Override
    public Optional<DeclaredStage> inForce() {
        return understudy.declaredStages().stream()
                .filter(stage -> stage.pair().equals(pair))
                .findFirst();
    }

    @Override
    public List<DeclaredStage> servedBeside() {
        return understudy.declaredStages().stream()
                .filter(stage -> stage.pair().model().equals(pair.model())
                        && !stage.pair().equals(pair)
                        && stage.percent() > 0)
                .toList();
    }

    @Override
    public DeclaredStage declare(int percent) {
        List<DeclaredStage> inForce = List.copyOf(understudy.declaredStages());
        tooMuch(inForce, List.of(pair), percent).ifPresent(why -> {
            throw new IllegalStateException(why);
        });
        References references = StageReferences.of(understudy.finalWindows(), pair, REFERENCE_WINDOW)
                .complete(FileEvaluation.references(understudy.config()));
        for (DeclaredStage stage : inForce) {
            if (stage.pair().equals(pair)) {
                references = withMissing(references, stage.references());
            }
        }
        int candidates = 1 + beside(inForce, List.of(pair)).size();
        return understudy.declareStage(
                pair,
                percent,
                FileEvaluation.hold(understudy.config(), percent),
                Map.of(),
                references,
                candidates,
                Instant.now());
    }

    /**
     * Why candidates of one production cannot have stages of that percentage beside those in force: no flag can give more
     * than everybody away. Empty where they can.
     */
    public static Optional<String> tooMuch(Collection<DeclaredStage> inForce, List<ModelPair> pairs, int percent) {
        List<DeclaredStage> others = beside(inForce, pairs);
        int sum = pairs.size() * percent
                + others.stream().mapToInt(DeclaredStage::percent).sum();
        return sum <= 100
                ? Optional.empty()
                : Optional.of("the candidates beside " + pairs.get(0).production() + " would serve " + sum
                        + " % together: " + pairs.size() + " x " + percent + " % given here"
                        + others.stream()
                                .map(stage -> ", " + stage.percent() + " % of "
                                        + stage.pair().candidate())
                                .collect(Collectors.joining())
                        + "; at most 100 % is possible");
    }

    /** Stages of other candidates beside the same production. */
    public static List<DeclaredStage> beside(Collection<DeclaredStage> inForce, List<ModelPair> pairs) {
        return inForce.stream()
                .filter(stage -> stage.pair().isBeside(pairs.get(0)) && !pairs.contains(stage.pair()))
                .toList();
    }

    /** Production stays what it was measured to be where there is nothing newer to measure it by. */
    private static References withMissing(References references, References earlier) {
        References complete = references;
        if (complete.tailNanos().isEmpty() && earlier.tailNanos().isPresent()) {
            complete = complete.withTailNanos(earlier.tailNanos().getAsLong());
        }
        return complete.deciles().isEmpty() && !earlier.deciles().isEmpty()
                ? complete.withDeciles(earlier.deciles())
                : complete;
    }

    @Override
    public Optional<DeclaredStage> end() {
        return understudy.endStage(pair);
    }

    /** Margins of a stage that the configuration does not have, by gate: the stage after it does not have them. */
    public static Map<String, Double> ownMargins(UnderstudyConfig config, DeclaredStage stage) {
        Map<String, Double> own = new TreeMap<>(stage.margins());
        own.entrySet().removeAll(config.readiness().margins().entrySet());
        own.remove(Gate.ACCURACY_BETTER.key(), config.readiness().better().by());
        return own;
    }
}
