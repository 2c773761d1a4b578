package dev.understudy.app;

import dev.understudy.config.ConfigurationException;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.evaluate.EvaluateSettings;
import dev.understudy.evidence.EvidenceShape;
import dev.understudy.readiness.Better;
import dev.understudy.readiness.Gate;
import dev.understudy.readiness.ReadinessSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Our configuration in the words of EVALUATE and of the readiness policy. */
final class Evaluation {
    private Evaluation() {}

    static EvaluateSettings settings(UnderstudyConfig config) {
        UnderstudyConfig.Evaluate evaluate = config.evaluate();
        UnderstudyConfig.Outcomes outcomes = config.outcomes();
        try {
            EvaluateSettings defaults = EvaluateSettings.defaults(evaluate.segments());
            return new EvaluateSettings(
                    evaluate.window(),
                    evaluate.grace(),
                    evaluate.interval(),
                    evaluate.idleAfter(),
                    evaluate.windowRetention(),
                    evaluate.epochRetention(),
                    evaluate.lagBudget(),
                    new EvaluateSettings.Outcomes(outcomes.join(), outcomes.retention(), outcomes.maturity()),
                    evaluate.disagreements(),
                    defaults.expectedPairs(),
                    defaults.segments(),
                    shape(config));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Of evidence without a declared stage. */
    static EvidenceShape shape(UnderstudyConfig config) {
        return new EvidenceShape(
                EvidenceShape.standard().regressionUnitBits(), config.evaluate().timeBlock(), references(config));
    }

    /** What the configuration alone says: no tail and no deciles, which come from data. */
    static References references(UnderstudyConfig config) {
        UnderstudyConfig.Readiness readiness = config.readiness();
        return new References(
                OptionalLong.empty(),
                readiness.tailTolerance(),
                List.of(),
                optional(readiness.valueBound()),
                optional(readiness.businessBound()));
    }

    private static OptionalDouble optional(@Nullable Double value) {
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    static ReadinessSettings readiness(UnderstudyConfig config) {
        UnderstudyConfig.Readiness readiness = config.readiness();
        NavigableMap<Integer, Duration> holds = new TreeMap<>();
        readiness.holds().forEach((percent, hold) -> holds.put(Integer.valueOf(percent), hold));
        try {
            return ReadinessSettings.standard().toBuilder()
                    .alpha(readiness.alpha())
                    .harmAlpha(readiness.harmAlpha())
                    .minimumRequests(readiness.minimumRequests())
                    .minimumEntities(readiness.minimumEntities())
                    .minimumBuckets(readiness.minimumBuckets())
                    .required(readiness.gates().stream().map(Gate::of).toList())
                    .margins(readiness.margins())
                    .better(new Better(
                            readiness.better().reading(), readiness.better().by()))
                    .labelPolicy(config.outcomes().labelPolicy())
                    .coverage(config.outcomes().coverage())
                    .holds(holds)
                    .requestBudget(readiness.requestBudget())
                    .validFor(readiness.validFor())
                    .flagsStaleAfter(readiness.flagsStaleAfter())
                    .idleAfter(config.evaluate().idleAfter())
                    .build();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Kafka Streams settings of the stage's own; refused if they leave too little memory for the evidence. */
    static Map<String, Object> streams(UnderstudyConfig config, EvaluateSettings settings) {
        UnderstudyConfig.Evaluate evaluate = config.evaluate();
        try {
            return settings.streams(
                    evaluate.cacheMebibytes(),
                    evaluate.threads(),
                    config.kafka().partitions());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Hashes of the model files on disk, each computed once. The models are not loaded: a candidate must not come into
     * the process that may serve production.
     */
    static Function<ModelVersion, Optional<String>> hashes(UnderstudyConfig.Model model) {
        Map<ModelVersion, String> known = new ConcurrentHashMap<>();
        return version -> {
            Path file = model.directory()
                    .resolve(model.name())
                    .resolve(version.name())
                    .resolve("model.onnx");
            try {
                String hash = known.get(version);
                if (hash == null) {
                    hash = sha256(file);
                    known.put(version, hash);
                }
                return Optional.of(hash);
            } catch (IOException e) {
                return Optional.empty();
            }
        };
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
