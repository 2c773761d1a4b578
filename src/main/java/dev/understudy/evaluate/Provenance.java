package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a decision was made with, besides its evidence.
 *
 * @param sha256 of the model of a version on disk, with its external weights, lower-case hexadecimal; empty where it is not known
 * @param configurationHash of the settings that decide
 * @param codeVersion of Understudy
 */
public record Provenance(
        Function<ModelVersion, Optional<String>> sha256, String configurationHash, String codeVersion) {

    /** For a configuration given as text that is the same for the same settings, whatever their order in a file. */
    public static Provenance of(Function<ModelVersion, Optional<String>> sha256, String canonicalConfiguration) {
        return new Provenance(sha256, hash(canonicalConfiguration), ownVersion());
    }

    /** As it is published with the decisions on a pair. */
    dev.understudy.avro.Provenance record(ModelPair pair, MergedEvidence all, ReadinessJudge.Inputs inputs) {
        Map<String, String> offsets = new TreeMap<>();
        Duration lag = inputs.circumstances().lag();
        all.origins().forEach((partition, origins) -> offsets.put(Integer.toString(partition), origins.text()));
        return dev.understudy.avro.Provenance.newBuilder(withoutOrigins(pair))
                .setOffsets(offsets)
                .setReplaysDropped(all.dropped().replays())
                .setLateDropped(all.dropped().late())
                .setUndeclaredSegmentValues(all.dropped().undeclaredValues())
                .setInputs(inputs.read().entrySet().stream()
                        .map(read -> InputRecords.of(
                                read.getKey(),
                                read.getValue(),
                                inputs.countedOtherwise().get(read.getKey())))
                        .toList())
                .setHeardAt(inputs.circumstances().heardAt())
                .setLagMillis(lag == null ? null : lag.toMillis())
                .build();
    }

    /** The same for evidence that did not come from topics. */
    public dev.understudy.avro.Provenance withoutOrigins(ModelPair pair) {
        return dev.understudy.avro.Provenance.newBuilder()
                .setOffsets(Map.of())
                .setProductionSha256(sha256.apply(pair.production()).orElse(null))
                .setCandidateSha256(sha256.apply(pair.candidate()).orElse(null))
                .setConfigurationHash(configurationHash)
                .setCodeVersion(codeVersion)
                .build();
    }

    /** From the manifest of the jar; {@code development} when the classes come from a folder. */
    static String ownVersion() {
        String version = Provenance.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** SHA-256 of the text's UTF-8, lower-case hexadecimal. */
    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
