package dev.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Request;
import dev.understudy.model.ModelException;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.onnx.OnnxModel;
import dev.understudy.model.onnx.OnnxSettings;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is measured, and what is made of it. */
final class BenchTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

    private static ModelSignature signature(String path) throws ModelException {
        try (OnnxModel model = OnnxModel.open(Path.of(path), OnnxSettings.strict())) {
            return model.signature();
        }
    }

    private static Request first(String path) throws ModelException {
        return BenchRequests.of(signature(path), CLOCK).next();
    }

    @Test
    void requests_fit_the_signature() throws ModelException {
        FeatureMap columns = FeatureMap.copyOf(first("models/bench-linear/v1").features());
        FeatureMap vector = FeatureMap.copyOf(
                first("src/test/resources/models/kinds/picture").features());

        assertThat(columns.values()).hasSize(30).containsKey("feature_29");
        assertThat(vector.values().values()).hasSize(1).first().isInstanceOf(FeatureValue.Vector.class);
        assertThatThrownBy(() -> first("src/test/resources/models/kinds/text"))
                .hasMessageContaining("takes text; bench makes up numbers only");
    }

    @Test
    void every_run_sends_the_same_features() throws ModelException {
        assertThat(first("models/bench-trees/v1")).usingRecursiveComparison().isEqualTo(first("models/bench-trees/v1"));
    }

    @Test
    void peers_take_the_shipped_models_and_leave_others() throws ModelException {
        assertThat(ColumnsModel.of(signature("models/bench-linear/v1"))).isPresent();
        assertThat(ColumnsModel.of(signature("models/bench-trees/v1"))).isPresent();
        assertThat(ColumnsModel.of(signature("src/test/resources/models/diabetes/flat")))
                .isEmpty();
    }

    @Test
    void ratio_is_that_of_the_medians() {
        BenchResult result = BenchResult.of(
                "model",
                List.of(
                        round(Variant.COPY, 4_000),
                        round(Variant.COPY, 5_000),
                        round(Variant.COPY, 100_000),
                        round(Variant.SCORE, 6_000),
                        round(Variant.SCORE, 9_000)));

        assertThat(result.ratio(Variant.SCORE, Variant.COPY).orElseThrow()).isCloseTo(1.5, within(1e-12));
        assertThat(result.ratio(Variant.SCORE, Variant.BARE)).isEmpty();
        assertThat(result.variants().get(Variant.COPY))
                .extracting(BenchResult.Figures::cpuMicrosPerRecord)
                .isEqualTo(new Spread(5, 4, 100));
    }

    @Test
    void cpu_of_a_variant_is_told_by_stage_where_each_has_its_own_process() {
        List<Usage> used = List.of(new Usage(3_000_000, 10), new Usage(2_000_000, 20), new Usage(1_000_000, 30));
        BenchResult result = BenchResult.of(
                "model", List.of(new Round(Variant.PIPELINE, 1_000, used, 1_000_000_000), round(Variant.SCORE, 6_000)));

        BenchResult.Figures pipeline = Objects.requireNonNull(result.variants().get(Variant.PIPELINE));
        BenchResult.Figures score = Objects.requireNonNull(result.variants().get(Variant.SCORE));
        assertThat(pipeline.cpuMicrosPerRecord().median()).isEqualTo(6);
        assertThat(pipeline.cpuMicrosByStage())
                .containsExactly(entry("score", 3.0), entry("shadow", 2.0), entry("evaluate", 1.0));
        assertThat(pipeline.bytesPerRecord().median()).isEqualTo(0.06);
        assertThat(score.cpuMicrosByStage()).isEmpty();
    }

    private static Round round(Variant variant, long cpuNanosPerRecord) {
        return new Round(variant, 1_000, List.of(new Usage(1_000 * cpuNanosPerRecord, 0)), 1_000_000_000);
    }
}
