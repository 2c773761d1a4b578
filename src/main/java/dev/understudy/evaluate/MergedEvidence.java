package dev.understudy.evaluate;

import dev.understudy.avro.Disagreement;
import dev.understudy.evaluate.EvidenceMessage.Snapshot;
import dev.understudy.evidence.BatchEvidence;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.Evidence;
import dev.understudy.evidence.EvidenceShape;
import dev.understudy.evidence.ExposureEvidence;
import dev.understudy.evidence.OutcomeEvidence;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.SegmentEvidence;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the snapshots of one segment or one window add up to, kind by kind. */
final class MergedEvidence {
    private final int disagreementsPerDirection;
    private final Map<Integer, OriginRanges> origins = new TreeMap<>();
    private @Nullable PairEvidence pairs;
    private @Nullable BatchEvidence batches;
    private @Nullable OutcomeEvidence outcomes;
    private @Nullable ExposureEvidence exposure;
    private @Nullable LargestDifferences differences;
    private LedgerBalance ledger = LedgerBalance.NONE;
    private long due;
    private Dropped dropped = Dropped.NONE;

    MergedEvidence(int disagreementsPerDirection) {
        this.disagreementsPerDirection = disagreementsPerDirection;
    }

    /** Adds the snapshot of another slot or source partition; its bytes become part of this. */
    void add(Snapshot snapshot) {
        byte[] bytes = snapshot.evidence();
        switch (snapshot.slot().kind()) {
            case PAIRS -> {
                pairs = sum(pairs, PairEvidence.wrap(bytes));
                if (snapshot.slot().isCumulative() && snapshot.slot().segment().equals(Segments.ALL)) {
                    origins.put(snapshot.sourcePartition(), snapshot.origins());
                    dropped = dropped.plus(snapshot.dropped());
                }
            }
            case BATCHES -> batches = sum(batches, BatchEvidence.wrap(bytes));
            case OUTCOMES -> outcomes = sum(outcomes, OutcomeEvidence.wrap(bytes));
            case EXPOSURE -> exposure = sum(exposure, ExposureEvidence.wrap(bytes));
            case LEDGER -> {
                if (snapshot.slot().isCumulative()) {
                    ledger = LedgerCounts.plus(ledger, bytes);
                } else {
                    due += LedgerCounts.due(bytes);
                }
            }
            case DIFFERENCES -> {
                LargestDifferences more = LargestDifferences.decode(bytes, disagreementsPerDirection);
                if (differences == null) {
                    differences = more;
                } else {
                    differences.merge(more);
                }
            }
        }
    }

    private static <E extends Evidence> E sum(@Nullable E sum, E part) {
        if (sum == null) {
            return part;
        }
        sum.merge(part);
        return sum;
    }

    /** Everything that is known of the pair, with empty evidence where there is none. */
    CandidateEvidence candidate(EvidenceShape shape) {
        return new CandidateEvidence(
                pairs == null ? PairEvidence.create(Detail.FULL, shape) : pairs,
                batches == null ? BatchEvidence.create(shape) : batches,
                outcomes == null ? OutcomeEvidence.create(Detail.FULL, shape) : outcomes,
                exposure == null ? ExposureEvidence.create() : exposure);
    }

    /** What is known of a segment, with empty evidence where there is none. */
    SegmentEvidence segment(EvidenceShape shape) {
        return new SegmentEvidence(
                pairs == null ? PairEvidence.create(Detail.GATES, shape) : pairs,
                outcomes == null ? OutcomeEvidence.create(Detail.GATES, shape) : outcomes);
    }

    LedgerBalance ledger() {
        return ledger;
    }

    /** Comparisons that were due in a window. */
    long due() {
        return due;
    }

    List<Disagreement> disagreements() {
        return differences == null ? List.of() : differences.disagreements();
    }

    /** Origins covered, by partition of comparisons. */
    Map<Integer, OriginRanges> origins() {
        return origins;
    }

    Dropped dropped() {
        return dropped;
    }
}
