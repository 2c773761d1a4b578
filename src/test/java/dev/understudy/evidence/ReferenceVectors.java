package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
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

    /** The outcomes of 01: rows in which both versions answered are pairs. */
    public static List<OutcomeObservation> binaryOutcomes() {
        JsonNode labels = load("01_binary_basic").get("rows").get("label");
        List<PairObservation> rows = binaryRows();
        List<OutcomeObservation> outcomes = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            PairObservation row = rows.get(i);
            outcomes.add(new OutcomeObservation(
                    row.entityHash(),
                    row.task(),
                    row.classes(),
                    Arm.PRODUCTION,
                    row.answeredTwice(),
                    row.production(),
                    row.candidate(),
                    new Truth(labels.get(i).asText(), null, null)));
        }
        return outcomes;
    }

    /** The outcomes of 04, each of an entity of its own, with errors measured against the bound of the vectors. */
    public static OutcomeEvidence regressionOutcomes() {
        JsonNode vectors = load("04_regression");
        JsonNode rows = vectors.get("rows");
        OutcomeEvidence evidence = OutcomeEvidence.create(
                Detail.FULL,
                EvidenceShape.standard()
                        .withReferences(References.none()
                                .withBounds(
                                        OptionalDouble.of(vectors.get("bound").asDouble()), OptionalDouble.empty())));
        for (int i = 0; i < rows.get("prod").size(); i++) {
            evidence.add(new OutcomeObservation(
                    EntityHash.of("house-" + i),
                    Task.REGRESSION,
                    List.of(),
                    Arm.PRODUCTION,
                    true,
                    new Answer(false, rows.get("prod").get(i).asDouble(), null, Map.of(), 1),
                    new Answer(false, rows.get("cand").get(i).asDouble(), null, Map.of(), 1),
                    new Truth(null, rows.get("truth").get(i).asDouble(), null)));
        }
        return evidence;
    }

    static OutcomeEvidence outcomes(Detail detail, List<OutcomeObservation> observations) {
        OutcomeEvidence evidence = OutcomeEvidence.create(detail, EvidenceShape.standard());
        observations.forEach(evidence::add);
        return evidence;
    }

    /** All of a gate's statistics; variances of the mean are small, so they are compared by their ratio too. */
    static void assertStatistics(GateStatistics seen, JsonNode stats) {
        assertThat(seen.n()).isEqualTo(stats.get("n").asLong());
        assertThat(seen.users()).isEqualTo(stats.get("users").asLong());
        assertClose("mean", seen.mean(), stats.get("mean"));
        assertClose("s2", seen.s2(), stats.get("s2"));
        assertClose("kEff", seen.kEff(), stats.get("kEff"));
        assertThat(seen.vIid()).isCloseTo(stats.get("vIid").asDouble(), withPercentage(1e-6));
        assertThat(seen.vUsers()).isCloseTo(stats.get("vBucket").asDouble(), withPercentage(1e-6));
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
