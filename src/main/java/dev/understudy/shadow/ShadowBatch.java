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
import java.util.BitSet;
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
    private final List<Map<ModelVersion, VersionAnswer>> answers;
    private final Map<ForkTarget, List<Integer>> rowsByTarget = new LinkedHashMap<>();
    private final BitSet shed = new BitSet();
    private final Map<ModelVersion, Optional<String>> refusals = new HashMap<>();
    /** What was waited for; empty for what did not come. */
    private final Map<ModelVersion, Optional<BatchScorer>> awaited = new HashMap<>();

    private final Map<ModelVersion, GuardedScorer> guarded = new HashMap<>();
    private final Map<ForkTarget, TimedRow> timedRows = new HashMap<>();

    /** The row that carries the times of its batch. */
    private record TimedRow(int row, BatchTimes times) {}

    ShadowBatch(ShadowScorer scorer, List<ForkedRequest> rows) {
        this.scorer = scorer;
        this.rows = rows;
        this.answers = new ArrayList<>(rows.size());
        for (int row = 0; row < rows.size(); row++) {
            ForkedRequest forked = rows.get(row);
            Map<ModelVersion, VersionAnswer> known = new HashMap<>();
            known.put(forked.served().version(), forked.served());
            answers.add(known);
            shed.set(row, !scorer.shedding().keeps(forked.request().entityId()));
            for (ForkTarget target : forked.targets()) {
                addOnce(row, rowsByTarget.computeIfAbsent(target, first -> new ArrayList<>()));
                if (shed.get(row)) {
                    known.computeIfAbsent(target.production(), ShadowBatch::shed);
                    known.computeIfAbsent(target.candidate(), ShadowBatch::shed);
                }
            }
        }
    }

    /** Only the versions that did not serve: a call of the served one must not make anybody wait. */
    void awaitVersions() {
        unanswered().forEach((version, indexes) -> {
            Optional<String> refusal = refusal(version);
            if (refusal.isPresent()) {
                VersionAnswer none = none(version, RowResult.Failed.QUARANTINED, refusal.get());
                indexes.forEach(row -> answers.get(row).put(version, none));
            } else {
                awaited.put(version, scorer.awaitReady(version));
            }
        });
    }

    void runTrials() {
        rowsByTarget.forEach((target, indexes) -> {
            if (scorer.trials().isDue()) {
                List<Integer> kept =
                        indexes.stream().filter(row -> !shed.get(row)).toList();
                ready(target.production())
                        .ifPresent(production -> ready(target.candidate())
                                .ifPresent(candidate -> runTrial(target, kept, production, candidate)));
            }
        });
    }

    private void runTrial(ForkTarget target, List<Integer> indexes, BatchScorer production, BatchScorer candidate) {
        List<Features> features = features(indexes);
        BitSet fitting = production.fitting(features);
        fitting.and(candidate.fitting(features));
        if (fitting.isEmpty()) {
            return;
        }
        List<Integer> chosen = fitting.stream().mapToObj(indexes::get).toList();
        List<Features> same = features(chosen);
        LikeForLikeTrials.Trial trial = scorer.trials().run(target, production, candidate, same);
        timedRows.put(target, new TimedRow(chosen.get(0), trial.times()));
        take(production, trial.production(), chosen, same);
        take(candidate, trial.candidate(), chosen, same);
    }

    /** The answers of a trial's call, where they are still wanted. */
    private void take(BatchScorer from, ScoredBatch made, List<Integer> indexes, List<Features> features) {
        ModelVersion version = from.version();
        if (indexes.stream().allMatch(row -> answers.get(row).containsKey(version))) {
            return;
        }
        List<VersionAnswer> given = ModelCalls.answers(from, features, made);
        for (int i = 0; i < indexes.size(); i++) {
            answers.get(indexes.get(i)).putIfAbsent(version, given.get(i));
        }
    }

    void askVersions() {
        unanswered().forEach((version, indexes) -> {
            Optional<BatchScorer> ready = awaited.getOrDefault(version, Optional.empty());
            List<Features> features = features(indexes);
            List<VersionAnswer> given = ready.map(loaded -> ModelCalls.score(guarded(loaded), features))
                    .orElseGet(() -> {
                        VersionAnswer none = none(version, RowResult.Failed.MODEL_NOT_LOADED, notLoaded(version));
                        return features.stream().map(row -> none).toList();
                    });
            for (int i = 0; i < indexes.size(); i++) {
                answers.get(indexes.get(i)).put(version, given.get(i));
            }
        });
    }

    private String notLoaded(ModelVersion version) {
        return "version " + version + " of model " + scorer.models().model() + " could not be loaded: "
                + scorer.models()
                        .failure(version)
                        .orElse("not within shadow.load-timeout="
                                + DurationText.format(scorer.settings().loadTimeout()));
    }

    List<ShadowedRequest> results() {
        Map<ForkTarget, ShadowedTarget.Models> described = new HashMap<>();
        rowsByTarget.keySet().forEach(target -> described.put(target, describe(target)));
        List<ShadowedRequest> results = new ArrayList<>(rows.size());
        for (int row = 0; row < rows.size(); row++) {
            Map<ModelVersion, VersionAnswer> known = answers.get(row);
            ForkedRequest forked = rows.get(row);
            List<ShadowedTarget> targets = new ArrayList<>(forked.targets().size());
            for (ForkTarget target : forked.targets()) {
                VersionAnswer production = Objects.requireNonNull(known.get(target.production()));
                VersionAnswer candidate = Objects.requireNonNull(known.get(target.candidate()));
                boolean compared = production.result() instanceof RowResult.Scored
                        && candidate.result() instanceof RowResult.Scored;
                targets.add(new ShadowedTarget(
                        target,
                        Objects.requireNonNull(described.get(target)),
                        production,
                        candidate,
                        times(target, row),
                        compared ? scorer.featureTexts().of(forked.request().features()) : Map.of()));
            }
            results.add(new ShadowedRequest(forked, targets));
        }
        return results;
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

    private @Nullable BatchTimes times(ForkTarget target, int row) {
        TimedRow timed = timedRows.get(target);
        return timed != null && timed.row == row ? timed.times : null;
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
    private Optional<BatchScorer> ready(ModelVersion version) {
        if (refusal(version).isPresent()) {
            return Optional.empty();
        }
        Optional<BatchScorer> known = awaited.getOrDefault(version, Optional.empty());
        return (known.isPresent() ? known : scorer.models().ifReady(version)).map(this::guarded);
    }

    private BatchScorer guarded(BatchScorer loaded) {
        return guarded.computeIfAbsent(
                loaded.version(), version -> scorer.guard().guard(loaded));
    }

    /** Asked once for the batch, so that all its rows have the same fate. */
    private Optional<String> refusal(ModelVersion version) {
        return refusals.computeIfAbsent(version, scorer.guard()::refusal);
    }

    /** Rows without an answer of a version that one of their targets names. */
    private Map<ModelVersion, List<Integer>> unanswered() {
        Map<ModelVersion, List<Integer>> unanswered = new LinkedHashMap<>();
        for (int row = 0; row < rows.size(); row++) {
            for (ForkTarget target : rows.get(row).targets()) {
                addUnanswered(target.production(), row, unanswered);
                addUnanswered(target.candidate(), row, unanswered);
            }
        }
        return unanswered;
    }

    private void addUnanswered(ModelVersion version, int row, Map<ModelVersion, List<Integer>> unanswered) {
        if (!answers.get(row).containsKey(version)) {
            addOnce(row, unanswered.computeIfAbsent(version, first -> new ArrayList<>()));
        }
    }

    private List<Features> features(List<Integer> indexes) {
        return indexes.stream().map(row -> rows.get(row).request().features()).toList();
    }

    private static VersionAnswer shed(ModelVersion version) {
        return none(version, RowResult.Failed.SHED, "SHADOW was behind by more than shadow.lag-budget");
    }

    private static VersionAnswer none(ModelVersion version, String code, String message) {
        return new VersionAnswer(version, new RowResult.Failed(code, message), 0, 0);
    }

    /** Rows come in order, so that one that was added is the last. */
    private static void addOnce(int row, List<Integer> rows) {
        if (rows.isEmpty() || rows.get(rows.size() - 1) != row) {
            rows.add(row);
        }
    }
}
