package dev.understudy.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Features;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.Task;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ScoredBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShippedModelsTest {
    private static OnnxModelRepository repository;
    private static List<Features> rows;

    @BeforeAll
    static void open() throws Exception {
        repository = OnnxModelRepository.open(Path.of("models"), "fraud", OnnxSettings.pipeline(), Clock.systemUTC());
        rows = new ArrayList<>();
        List<String> lines = Files.readAllLines(Path.of("models/fraud/requests.csv"));
        List<String> header = Arrays.asList(lines.get(0).split(",", -1));
        for (String line : lines.subList(1, 1001)) {
            String[] cells = line.split(",", -1);
            Map<String, FeatureValue> features = new LinkedHashMap<>();
            for (int c = 3; c < cells.length - 1; c++) {
                features.put(header.get(c), new FeatureValue.Real(Double.parseDouble(cells[c])));
            }
            rows.add(new FeatureMap(features));
        }
    }

    @AfterAll
    static void close() {
        repository.close();
    }

    @Test
    void shipped_versions_are_found_in_order() {
        assertThat(repository.versions()).extracting(ModelVersion::name).containsExactly("v1", "v2", "v3", "v4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2", "v3", "v4"})
    void scores_are_those_that_python_computed(String version) throws Exception {
        JsonNode expected = new ObjectMapper()
                .readTree(Path.of("src/test/resources/expected/fraud.json").toFile())
                .get("versions")
                .get(version);
        BatchScorer model = repository.load(new ModelVersion(version));

        ScoredBatch batch = model.score(rows.subList(0, 300));

        assertThat(model.signature().task()).isEqualTo(Task.BINARY);
        assertThat(batch.rows()).isEqualTo(300);
        assertThat(batch.nanos()).isPositive();
        for (int i = 0; i < 300; i++) {
            RowResult.Scored scored = (RowResult.Scored) batch.results().get(i);
            double score = expected.get("score").get(i).asDouble();
            assertThat(scored.score()).as("row %d", i).isCloseTo(score, within(1e-6 * Math.max(1e-3, score)));
            assertThat(scored.label()).isEqualTo(expected.get("label").get(i).asText());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2", "v3", "v4"})
    void answer_is_the_same_to_the_last_bit_in_every_batch(String version) throws Exception {
        BatchScorer model = repository.load(new ModelVersion(version));
        List<RowResult> together = model.score(rows).results();

        for (int size : new int[] {1, 2, 3, 5, 7, 8, 13, 16, 31, 32, 33, 63, 64, 65, 100, 129, 256, 500, 999}) {
            List<RowResult> parts = new ArrayList<>();
            for (int from = 0; from < rows.size(); from += size) {
                parts.addAll(model.score(rows.subList(from, Math.min(rows.size(), from + size)))
                        .results());
            }
            assertThat(parts).as("batches of %d", size).isEqualTo(together);
        }
    }
}
