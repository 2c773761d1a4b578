package dev.understudy.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.Features;
import dev.understudy.domain.RowResult;
import dev.understudy.rows.Row;
import dev.understudy.rows.RowColumns;
import dev.understudy.rows.RowFormat;
import dev.understudy.rows.RowReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BreastCancerModelsTest {
    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void every_prediction_on_real_data_is_that_of_python(String version) throws Exception {
        JsonNode expected =
                Expectations.json("breast_cancer.json").get("predictions").get(version);
        try (OnnxModel model = Expectations.model("breast_cancer/" + version)) {
            RowColumns columns = new RowColumns(
                    true, Optional.empty(), Optional.empty(), List.of(), Optional.of("target"), List.of());
            List<Features> rows = new ArrayList<>();
            try (RowReader reader = RowReader.open(
                    Path.of("src/test/resources/data/breast_cancer.csv"),
                    RowFormat.AUTO,
                    columns,
                    Optional.of(model.signature()))) {
                for (Row row = reader.next(); row != null; row = reader.next()) {
                    rows.add(((Row.Good) row).features());
                }
            }

            List<RowResult> results = model.score(rows).results();

            assertThat(results).hasSize(569);
            for (int i = 0; i < results.size(); i++) {
                RowResult.Scored scored = (RowResult.Scored) results.get(i);
                double score = expected.get("score").get(i).asDouble();
                assertThat(scored.score()).as("row %d", i).isCloseTo(score, within(1e-6 * Math.max(score, 1e-3)));
                assertThat(scored.label())
                        .isEqualTo(expected.get("label").get(i).asText());
            }
        }
    }
}
