package dev.understudy.cli;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.domain.ModelVersion;
import dev.understudy.report.Decisions;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether a deployment pipeline may go on with a summary. */
final class ReadinessGate {
    private ReadinessGate() {}

    /**
     * Why not; empty when it may.
     *
     * @param declared epoch of the stage that is declared for the pair now; empty when none is
     * @param percent the stage that is to start; null for whichever is next
     * @param onDisk SHA-256 of the model of a version here; empty where it cannot be read
     */
    static Optional<String> refusal(
            ReadinessSummary summary,
            OptionalLong declared,
            @Nullable Integer percent,
            Function<ModelVersion, Optional<String>> onDisk,
            Instant now) {
        if (Decisions.expired(summary, now)) {
            return Optional.of(Decisions.expiry(summary));
        }
        long judged = summary.getStage().getEpoch();
        if (declared.isPresent() && declared.getAsLong() != judged) {
            return Optional.of("the decision is on epoch " + judged + ", and the stage that is declared now is epoch "
                    + declared.getAsLong());
        }
        if (summary.getVerdict() != Verdict.READY) {
            return Optional.of(summary.getExplanation());
        }
        Instant notBefore = summary.getNotBefore().orElse(null);
        if (notBefore != null && now.isBefore(notBefore)) {
            return Optional.of("the next stage may not start before " + notBefore);
        }
        Integer next = summary.getNextStage().orElse(null);
        if (percent != null && !percent.equals(next)) {
            return Optional.of("READY is for " + (next == null ? "no further stage" : next + " %") + ", not for "
                    + percent + " %");
        }
        return changed(summary.getProductionVersion(), summary.getProvenance().getProductionSha256(), onDisk)
                .or(() -> changed(
                        summary.getCandidateVersion(), summary.getProvenance().getCandidateSha256(), onDisk));
    }

    private static Optional<String> changed(
            String version, Optional<String> judged, Function<ModelVersion, Optional<String>> onDisk) {
        Optional<String> here = onDisk.apply(new ModelVersion(version));
        if (judged.isEmpty()) {
            return Optional.of("the decision does not say which file of version " + version + " it was made with");
        }
        if (here.isEmpty()) {
            return Optional.of("version " + version
                    + " has no readable model in model.directory here to compare with; 'understudy models' says why");
        }
        return here.equals(judged)
                ? Optional.empty()
                : Optional.of("the file of version " + version + " is not the one that was judged: sha256 " + here.get()
                        + " here, " + judged.get() + " judged");
    }
}
