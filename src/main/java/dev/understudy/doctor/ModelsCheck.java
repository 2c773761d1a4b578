package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.domain.ModelVersion;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelException;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.onnx.OnnxModelRepository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Whether the versions that serve or are shadowed load, and can be compared with the default version. */
record ModelsCheck(Understudy understudy) implements Check {
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
        try (OnnxModelRepository models = understudy.openModels()) {
            ModelSignature production = null;
            for (ModelVersion version : ConcernedVersions.of(understudy)) {
                BatchScorer scorer;
                try {
                    scorer = models.load(version);
                } catch (ModelException e) {
                    findings.add(failed(String.valueOf(e.getMessage())));
                    continue;
                }
                ModelSignature signature = scorer.signature();
                if (production == null) {
                    production = signature;
                }
                findings.add(finding(scorer, signature, production));
            }
        }
        return findings;
    }

    private Finding finding(BatchScorer scorer, ModelSignature signature, ModelSignature production) {
        Set<String> features = features(signature);
        String what = understudy.config().model().name() + " " + scorer.version() + ": "
                + signature.task().name().toLowerCase(Locale.ROOT) + ", " + features.size() + " features, sha256 "
                + scorer.sha256().substring(0, 12);
        if (signature.task() != production.task()) {
            return failed(what + "; its answers cannot be compared with "
                    + production.task().name().toLowerCase(Locale.ROOT)
                    + " ones: a candidate must have production's task");
        }
        Set<String> further = new TreeSet<>(features);
        further.removeAll(features(production));
        return ok(what
                + (further.isEmpty() ? "" : "; beyond the default version's it needs " + String.join(", ", further)));
    }

    private static Set<String> features(ModelSignature signature) {
        Set<String> features = new TreeSet<>();
        signature.inputs().forEach(input -> features.addAll(input.features()));
        return features;
    }
}
