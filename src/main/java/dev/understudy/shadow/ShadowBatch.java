package dev.understudy.shadow;

import dev.understudy.domain.DurationText;
import dev.understudy.domain.Features;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.ScoredBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The work of {@link ShadowScorer} on one batch; lists run along its rows. */
final class ShadowBatch {
    private final ShadowScorer scorer;
    private final List<ForkedRequest> rows;
    /** A version's answers along the rows; null where there is none yet. */
    private final Map<ModelVersion, @Nullable VersionAnswer[]> answers = new HashMap<>();

    private final Map<ForkTarget, Asked> asked = new LinkedHashMap<>();
    private final List<List<Asked>> askedByRow;
    private final BitSet shed = new BitSet();
    private final Map<ModelVersion, Optional<String>> refusals = new HashMap<>();
    /** What was waited for; empty for what did not come. */
    private final Map<ModelVersion, Optional<BatchScorer>> awaited = new HashMap<>();

    private final Map<ModelVersion, GuardedScorer> guarded = new HashMap<>();

    /** A target with the rows that ask for it. */
    private static final class Asked {
        private final ForkTarget target;
        private final BitSet rows = new BitSet();
        private final @Nullable VersionAnswer[] production;
        private final @Nullable VersionAnswer[] candidate;
        /** The row that carries the times of a trial. */
        private int timedRow = -1;

        private @Nullable BatchTimes times;
        private ShadowedTarget.@Nullable Models models;

        Asked(ForkTarget target, @Nullable VersionAnswer[] production, @Nullable VersionAnswer[] candidate) {
            this.target = target;
            this.production = production;
            this.candidate = candidate;
        }
    }

    ShadowBatch(ShadowScorer scorer, List<ForkedRequest> rows) {
        this.scorer = scorer;
        this.rows = rows;
        this.askedByRow = new ArrayList<>(rows.size());
        for (int row = 0; row < rows.size(); row++) {
            ForkedRequest forked = rows.get(row);
            answers(forked.served().version())[row] = forked.served();
            shed.set(row, !scorer.shedding().keeps(forked.request().entityId()));
            boolean asBefore = row > 0 && rows.get(row - 1).targets().equals(forked.targets());
            List<Asked> here = asBefore ? askedByRow.get(row - 1) : asked(forked.targets());
            askedByRow.add(here);
            for (Asked target : here) {
                target.rows.set(row);
                if (shed.get(row)) {
                    shed(target.target.production(), row);
                    shed(target.target.candidate(), row);
                }
            }
        }
    }

    private List<Asked> asked(List<ForkTarget> targets) {
        return targets.stream()
                .map(target -> asked.computeIfAbsent(
                        target, first -> new Asked(first, answers(first.production()), answers(first.candidate()))))
                .toList();
    }

    private @Nullable VersionAnswer[] answers(ModelVersion version) {
        return answers.computeIfAbsent(version, first -> new VersionAnswer[rows.size()]);
    }

    private void shed(ModelVersion version, int row) {
        @Nullable VersionAnswer[] given = answers(version);
        if (given[row] == null) {
            given[row] = none(version, RowResult.Failed.SHED, "SHADOW was behind by more than shadow.lag-budget");
        }
    }

    /** Only the versions that did not serve: a call of the served one must not make anybody wait. */
    void awaitVersions() {
        unanswered().forEach((version, indexes) -> {
            Optional<String> refusal = refusal(version);
            if (refusal.isPresent()) {
                VersionAnswer none = none(version, RowResult.Failed.QUARANTINED, refusal.get());
                @Nullable VersionAnswer[] given = answers(version);
                indexes.stream().forEach(row -> given[row] = none);
            } else {
                awaited.put(version, scorer.awaitReady(version));
            }
        });
    }

    void runTrial() {
        if (asked.isEmpty()) {
            return;
        }
        scorer.trials()
                .draw(List.copyOf(asked.values()))
                .ifPresent(target -> ready(target.target.production())
                        .ifPresent(production -> ready(target.target.candidate())
                                .ifPresent(candidate -> runTrial(target, production, candidate))));
    }

    private void runTrial(Asked target, GuardedScorer production, GuardedScorer candidate) {
        int[] kept = target.rows.stream().filter(row -> !shed.get(row)).toArray();
        List<Features> features = features(kept);
        BitSet fitting = production.fitting(features);
        fitting.and(candidate.fitting(features));
        if (fitting.isEmpty()) {
            return;
        }
        int[] chosen = fitting.stream().map(index -> kept[index]).toArray();
        List<Features> same = features(chosen);
        LikeForLikeTrials.Trial trial = scorer.trials().run(target.target, production, candidate, same);
        target.timedRow = chosen[0];
        target.times = trial.times();
        take(production, trial.production().first(), chosen, same);
        take(candidate, trial.candidate().first(), chosen, same);
    }

    /** The answers of a trial's first call, where they are still wanted. */
    private void take(BatchScorer from, ScoredBatch made, int[] indexes, List<Features> features) {
        @Nullable VersionAnswer[] known = answers(from.version());
        if (Arrays.stream(indexes).allMatch(row -> known[row] != null)) {
            return;
        }
        List<VersionAnswer> given = ModelCalls.answers(from, features, made);
        for (int i = 0; i < indexes.length; i++) {
            if (known[indexes[i]] == null) {
                known[indexes[i]] = given.get(i);
            }
        }
    }

    void askVersions() {
        unanswered().forEach((version, indexes) -> {
            Optional<BatchScorer> ready = awaited.getOrDefault(version, Optional.empty());
            int[] missing = indexes.stream().toArray();
            List<Features> features = features(missing);
            List<VersionAnswer> given = ready.map(loaded -> ModelCalls.score(guarded(loaded), features))
                    .orElseGet(() -> Collections.nCopies(
                            missing.length, none(version, RowResult.Failed.MODEL_NOT_LOADED, notLoaded(version))));
            @Nullable VersionAnswer[] known = answers(version);
            for (int i = 0; i < missing.length; i++) {
                known[missing[i]] = given.get(i);
            }
        });
    }

    private String notLoaded(ModelVersion version) {
        String why = "version " + version + " of model " + scorer.models().model() + " could not be loaded: "
                + scorer.models()
                        .failure(version)
                        .orElse("not within shadow.load-timeout="
                                + DurationText.format(scorer.settings().loadTimeout()));
        scorer.warnOnce(version, why);
        return why;
    }

    List<ShadowedRequest> results() {
        asked.values().forEach(target -> target.models = describe(target.target));
        List<ShadowedRequest> results = new ArrayList<>(rows.size());
        for (int row = 0; row < rows.size(); row++) {
            ForkedRequest forked = rows.get(row);
            List<Asked> here = askedByRow.get(row);
            List<ShadowedTarget> targets = new ArrayList<>(here.size());
            for (Asked target : here) {
                targets.add(result(forked, row, target));
            }
            results.add(new ShadowedRequest(forked, targets));
        }
        return results;
    }

    private ShadowedTarget result(ForkedRequest forked, int row, Asked target) {
        VersionAnswer production = Objects.requireNonNull(target.production[row]);
        VersionAnswer candidate = Objects.requireNonNull(target.candidate[row]);
        boolean compared =
                production.result() instanceof RowResult.Scored && candidate.result() instanceof RowResult.Scored;
        return new ShadowedTarget(
                target.target,
                Objects.requireNonNull(target.models),
                production,
                candidate,
                row == target.timedRow ? target.times : null,
                compared ? scorer.featureTexts().of(forked.request().features()) : Map.of());
    }

    /** Says what came of every version that was not refused, also where the batch broke off. */
    void report() {
        refusals.forEach((version, refusal) -> {
            if (refusal.isEmpty()) {
                GuardedScorer called = guarded.get(version);
                scorer.guard()
                        .report(
                                version,
                                called == null ? Quarantine.Outcome.NOT_CALLED : called.outcome(),
                                called == null ? 0 : called.rows());
            }
        });
    }

    /** What the loaded versions say; only where none of those asked could be loaded is the served one waited for. */
    private ShadowedTarget.Models describe(ForkTarget target) {
        Optional<ModelSignature> production = ready(target.production()).map(BatchScorer::signature);
        Optional<ModelSignature> candidate = ready(target.candidate()).map(BatchScorer::signature);
        Optional<ModelSignature> known = candidate
                .or(() -> production)
                .or(() -> awaited(target.production()))
                .or(() -> awaited(target.candidate()));
        String mismatch = production.isEmpty() || candidate.isEmpty()
                ? null
                : scorer.mismatch(target, production.get(), candidate.get()).orElse(null);
        return new ShadowedTarget.Models(
                known.map(ModelSignature::task).orElse(null),
                known.map(ModelSignature::classesPositiveSecond).orElse(List.of()),
                mismatch);
    }

    private Optional<ModelSignature> awaited(ModelVersion version) {
        return refusal(version).isPresent()
                ? Optional.empty()
                : awaited.computeIfAbsent(version, scorer::awaitReady).map(BatchScorer::signature);
    }

    /** The version if it may be called and is loaded; where it is only not loaded, it is being loaded after this. */
    private Optional<GuardedScorer> ready(ModelVersion version) {
        if (refusal(version).isPresent()) {
            return Optional.empty();
        }
        Optional<BatchScorer> known = awaited.getOrDefault(version, Optional.empty());
        return (known.isPresent() ? known : scorer.models().ifReady(version)).map(this::guarded);
    }

    private GuardedScorer guarded(BatchScorer loaded) {
        return guarded.computeIfAbsent(
                loaded.version(), version -> scorer.guard().guard(loaded));
    }

    /** Asked once for the batch, so that all its rows have the same fate. */
    private Optional<String> refusal(ModelVersion version) {
        return refusals.computeIfAbsent(version, scorer.guard()::refusal);
    }

    /** Rows without an answer of a version that one of their targets names. */
    private Map<ModelVersion, BitSet> unanswered() {
        Map<ModelVersion, BitSet> unanswered = new LinkedHashMap<>();
        for (Asked target : asked.values()) {
            addUnanswered(target.target.production(), target.production, target.rows, unanswered);
            addUnanswered(target.target.candidate(), target.candidate, target.rows, unanswered);
        }
        return unanswered;
    }

    private static void addUnanswered(
            ModelVersion version,
            @Nullable VersionAnswer[] given,
            BitSet indexes,
            Map<ModelVersion, BitSet> unanswered) {
        indexes.stream()
                .filter(row -> given[row] == null)
                .forEach(row -> unanswered
                        .computeIfAbsent(version, first -> new BitSet())
                        .set(row));
    }

    private List<Features> features(int[] indexes) {
        return Arrays.stream(indexes)
                .mapToObj(row -> rows.get(row).request().features())
                .toList();
    }

    private static VersionAnswer none(ModelVersion version, String code, String message) {
        return new VersionAnswer(version, new RowResult.Failed(code, message), 0, 0);
    }
}
