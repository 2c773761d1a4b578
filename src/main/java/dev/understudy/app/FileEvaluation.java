package dev.understudy.app;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import dev.understudy.evaluate.LedgerBalance;
import dev.understudy.evaluate.OutcomeCounts;
import dev.understudy.evaluate.Provenance;
import dev.understudy.evaluate.Segments;
import dev.understudy.evaluate.Summaries;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.SegmentEvidence;
import dev.understudy.pairs.PairEvaluation;
import dev.understudy.readiness.InputHealth;
import dev.understudy.readiness.ReadinessPolicy;
import dev.understudy.readiness.ReadinessSettings;
import dev.understudy.readiness.StageFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Judges pairs from a file by the same policy, and writes the same records, as the pipeline does. */
public final class FileEvaluation {
    private final UnderstudyConfig config;
    private final References references;
    private final PairEvaluation evidence;

    /** @param references what the evidence is measured against, where the configuration does not say it */
    public FileEvaluation(UnderstudyConfig config, Task task, References references) {
        this.config = config;
        this.references = references;
        this.evidence = new PairEvaluation(
                task,
                Evaluation.shape(config).withReferences(references),
                new Segments(config.evaluate().segments()));
    }

    /** The references that the configuration alone gives. */
    public static References references(UnderstudyConfig config) {
        return Evaluation.references(config);
    }

    /** How long a stage that serves this percent lasts at least; between two that are configured, the lower one's. */
    public static Duration hold(UnderstudyConfig config, int percent) {
        return Evaluation.readiness(config).hold(percent);
    }

    /** Where the pairs go. */
    public PairEvaluation evidence() {
        return evidence;
    }

    /** The decision over all pairs, then those on the segments. */
    public List<ReadinessSummary> decide(ModelPair pair, StageFacts stage, Instant now) {
        CandidateEvidence all = evidence.all();
        Map<String, SegmentEvidence> segments = evidence.segments();
        ReadinessSettings settings = Evaluation.readiness(config);
        ReadinessPolicy.Decisions decisions =
                new ReadinessPolicy(settings).decide(all, segments, stage, InputHealth.fresh(), now);
        Provenance provenance = Provenance.of(version -> Optional.empty(), settings.toString());
        Summaries summaries = new Summaries(pair, references, settings.labelPolicy(), provenance.withoutOrigins(pair));
        long total = all.pairs().total();
        return List.copyOf(summaries
                .of(
                        decisions,
                        all,
                        segments,
                        new LedgerBalance(total, total, 0, 0, 0),
                        new OutcomeCounts(evidence.outcomesSeen(), 0, 0, 0, 0, 0, 0))
                .values());
    }
}
