package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ModelVersion;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelException;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.shadow.Signatures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Whether the versions that serve or are shadowed load, and can be compared with the default version. */
record ModelsCheck(Understudy understudy, ConcernedVersions versions) implements Check {
    @Override
    public String name() {
        return "models";
    }

    @Override
    public Duration limit() {
        return Duration.ofMinutes(3);
    }

    @Override
    public List<Finding> look() throws ModelException {
        List<Finding> findings = new ArrayList<>();
        Map<ModelVersion, String> quarantined = versions.quarantined();
        try (OnnxModelRepository models = understudy.openModels()) {
            models.leftOut().forEach(folder -> findings.add(warning(folder)));
            BatchScorer production = null;
            for (ModelVersion version : versions.all()) {
                if (quarantined.containsKey(version)) {
                    findings.add(
                            skipped(version + " is in quarantine here and not loaded: " + quarantined.get(version)));
                    continue;
                }
                try {
                    BatchScorer scorer = models.load(version);
                    production = production == null ? scorer : production;
                    findings.add(finding(scorer, production));
                } catch (ModelException e) {
                    findings.add(failed(String.valueOf(e.getMessage())));
                }
            }
        }
        return findings;
    }

    private Finding finding(BatchScorer scorer, BatchScorer production) {
        ModelSignature signature = scorer.signature();
        Set<String> features = features(signature);
        String what = understudy.config().model().name() + " " + scorer.version() + ": "
                + signature.task().name().toLowerCase(Locale.ROOT) + ", " + features.size() + " features, sha256 "
                + scorer.sha256().substring(0, 12);
        Optional<String> mismatch = Signatures.mismatch(
                new ForkTarget(production.version(), scorer.version(), 0), production.signature(), signature);
        if (mismatch.isPresent()) {
            return failed(what + "; its answers cannot be compared with the default version's: " + mismatch.get());
        }
        Set<String> further = new TreeSet<>(features);
        further.removeAll(features(production.signature()));
        return ok(what
                + (further.isEmpty() ? "" : "; beyond the default version's it needs " + String.join(", ", further)));
    }

    private static Set<String> features(ModelSignature signature) {
        Set<String> features = new TreeSet<>();
        signature.inputs().forEach(input -> features.addAll(input.features()));
        return features;
    }
}
