package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.domain.Task;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Expected values computed with numpy, scipy, statsmodels and scikit-learn on raw rows, and the rows themselves. */
public final class ReferenceVectors {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ReferenceVectors() {}

    public static JsonNode load(String name) {
        try (InputStream in = ReferenceVectors.class.getResourceAsStream("/vectors/" + name + ".json")) {
            assertThat(in).as("vectors/" + name + ".json").isNotNull();
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tolerance of the vectors: |a−b| <= 1e-9·max(1, |b|), null equal to null alone. */
    public static void assertClose(String what, @Nullable Double actual, JsonNode expected) {
        if (expected.isNull()) {
            assertThat(actual).as(what).isNull();
        } else {
            double value = expected.asDouble();
            assertThat(actual).as(what).isNotNull().isCloseTo(value, within(1e-9 * Math.max(1, Math.abs(value))));
        }
    }

    /** The rows of 01: bucket and user are given by the vectors, so the entity's hash is made up of them. */
    public static List<PairObservation> binaryRows() {
        JsonNode vectors = load("01_binary_basic");
        double threshold = vectors.get("threshold").asDouble();
        JsonNode rows = vectors.get("rows");
        List<PairObservation> observations = new ArrayList<>();
        for (int i = 0; i < rows.get("prod").size(); i++) {
            boolean errorProd = rows.get("errProd").get(i).asInt() == 1;
            boolean errorCand = rows.get("errCand").get(i).asInt() == 1;
            observations.add(new PairObservation(
                    hashOf(
                            rows.get("user").get(i).asLong(),
                            rows.get("bucket").get(i).asInt()),
                    1_000L * i,
                    Task.BINARY,
                    List.of("0", "1"),
                    errorCand ? CandidateStatus.CANDIDATE_FAILED : CandidateStatus.COMPARED,
                    true,
                    answer(
                            errorProd,
                            rows.get("prod").get(i).asDouble(),
                            threshold,
                            rows.get("latProdUs").get(i)),
                    answer(
                            errorCand,
                            rows.get("cand").get(i).asDouble(),
                            threshold,
                            rows.get("latCandUs").get(i))));
        }
        return observations;
    }

    /** A hash of which the evidence reads the given bucket and a fingerprint of the user. */
    public static long hashOf(long user, int bucket) {
        return EntityHash.mix(user) << 32 | bucket;
    }

    private static Answer answer(boolean error, double score, double threshold, JsonNode latency) {
        return error
                ? Answer.failed(latency.asLong())
                : new Answer(false, score, score >= threshold ? "1" : "0", Map.of(), latency.asLong());
    }

    public static PairEvidence evidence(List<PairObservation> observations) {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        observations.forEach(evidence::add);
        return evidence;
    }
}
