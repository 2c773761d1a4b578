package dev.understudy.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.domain.Features;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.Task;
import dev.understudy.model.ModelSignature.ElementType;
import dev.understudy.model.ModelSignature.Input;
import dev.understudy.model.ModelSignature.Output;
import dev.understudy.model.ScoredBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ModelKindsTest {
    private static final JsonNode EXPECTED = Expectations.json("models.json");

    static Stream<String> models() {
        List<String> names = new ArrayList<>();
        EXPECTED.fieldNames().forEachRemaining(names::add);
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_kind_gives_what_python_computed(String name) throws Exception {
        JsonNode expected = EXPECTED.get(name);
        List<Features> rows = Expectations.rows(expected);
        try (OnnxModel model = Expectations.model(name)) {
            ScoredBatch batch = model.score(rows);

            assertThat(model.signature().task())
                    .isEqualTo(Task.valueOf(expected.get("task").asText()));
            assertThat(batch.rows()).isEqualTo(rows.size());
            for (int i = 0; i < rows.size(); i++) {
                JsonNode wanted = expected.get("rows").get(i);
                assertThat(batch.results().get(i)).isInstanceOf(RowResult.Scored.class);
                RowResult.Scored scored = (RowResult.Scored) batch.results().get(i);
                assertThat(scored.label())
                        .isEqualTo(
                                wanted.get("label").isNull()
                                        ? null
                                        : wanted.get("label").asText());
                if (wanted.get("score").isNull()) {
                    assertThat(scored.score()).isNull();
                } else {
                    assertClose(scored.score(), wanted.get("score").asDouble());
                }
                List<String> classes = new ArrayList<>();
                wanted.get("probabilities").fieldNames().forEachRemaining(classes::add);
                assertThat(List.copyOf(scored.probabilities().keySet())).isEqualTo(classes);
                for (String each : classes) {
                    assertClose(
                            scored.probabilities().get(each),
                            wanted.get("probabilities").get(each).asDouble());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void all_outputs_are_kept_by_name_as_plain_values(String name) throws Exception {
        JsonNode expected = EXPECTED.get(name);
        List<Features> rows = Expectations.rows(expected);
        try (OnnxModel model = Expectations.model(name)) {
            List<OnnxModel.FullAnswer> answers = model.scoreWithOutputs(rows);

            List<RowResult> results =
                    answers.stream().map(OnnxModel.FullAnswer::result).toList();
            assertThat(results)
                    .usingRecursiveFieldByFieldElementComparator()
                    .isEqualTo(model.score(rows).results());
            for (int i = 0; i < rows.size(); i++) {
                assertSame(
                        new ObjectMapper().valueToTree(answers.get(i).outputs()),
                        expected.get("rows").get(i).get("outputs"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void answer_is_the_same_to_the_last_bit_in_every_batch(String name) throws Exception {
        List<Features> few = Expectations.rows(EXPECTED.get(name));
        List<Features> rows = new ArrayList<>();
        while (rows.size() < 70) {
            rows.addAll(few);
        }
        try (OnnxModel model = Expectations.model(name)) {
            List<RowResult> together = model.score(rows).results();

            for (int size : new int[] {1, 2, 3, 7, 16, 33, 64}) {
                List<RowResult> parts = new ArrayList<>();
                for (int from = 0; from < rows.size(); from += size) {
                    parts.addAll(model.score(rows.subList(from, Math.min(rows.size(), from + size)))
                            .results());
                }
                assertThat(parts)
                        .as("batches of %d", size)
                        .usingRecursiveFieldByFieldElementComparator()
                        .isEqualTo(together);
            }
        }
    }

    @Test
    void names_of_columns_come_from_the_file_else_they_are_numbered() throws Exception {
        try (OnnxModel named = Expectations.model("wine/tensor");
                OnnxModel numbered = Expectations.model("diabetes/double")) {
            assertThat(named.signature().inputs().get(0).features()).hasSize(13).startsWith("alcohol", "malic_acid");
            assertThat(numbered.signature().inputs().get(0).features())
                    .containsExactly("f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9");
        }
    }

    static Stream<String> binaryModels() {
        return models().filter(name -> EXPECTED.get(name).get("task").asText().equals("BINARY"));
    }

    @ParameterizedTest
    @MethodSource("binaryModels")
    void score_of_a_binary_model_is_the_probability_of_the_second_class_that_comparisons_name(String name)
            throws Exception {
        try (OnnxModel model = Expectations.model(name)) {
            List<String> classes = model.signature().classesPositiveSecond();

            assertThat(classes)
                    .containsExactlyInAnyOrderElementsOf(model.signature().classNames());
            assertThat(model.score(Expectations.rows(EXPECTED.get(name))).results())
                    .isNotEmpty()
                    .allSatisfy(result -> assertThat(result)
                            .isInstanceOfSatisfying(
                                    RowResult.Scored.class,
                                    scored -> assertThat(scored.score())
                                            .isEqualTo(scored.probabilities().get(classes.get(1)))));
        }
    }

    @Test
    void positive_class_that_the_card_names_is_second_though_the_model_has_it_first() throws Exception {
        try (OnnxModel model = Expectations.model("kinds/logit")) {
            assertThat(model.signature().classNames()).containsExactly("churn", "stay");
            assertThat(model.signature().classesPositiveSecond()).containsExactly("stay", "churn");
        }
    }

    @Test
    void columns_of_a_pipeline_are_features_of_their_types() throws Exception {
        try (OnnxModel model = Expectations.model("kinds/columns")) {
            assertThat(model.signature().inputs())
                    .extracting(Input::name, Input::type)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("age", ElementType.FLOAT),
                            org.assertj.core.groups.Tuple.tuple("income", ElementType.DOUBLE),
                            org.assertj.core.groups.Tuple.tuple("visits", ElementType.INT64),
                            org.assertj.core.groups.Tuple.tuple("member", ElementType.BOOL),
                            org.assertj.core.groups.Tuple.tuple("country", ElementType.STRING));
            assertThat(model.signature().classNames()).containsExactly("no", "yes");
            assertThat(model.signature().outputs())
                    .extracting(Output::name, Output::kind, Output::role)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("output_label", "tensor", "label"),
                            org.assertj.core.groups.Tuple.tuple("output_probability", "map", "probabilities"));
        }
    }

    @Test
    void tensor_may_be_given_whole() throws Exception {
        try (OnnxModel model = Expectations.model("diabetes/double")) {
            RowResult whole = model.score(List.of(Expectations.row("{\"X\":[1,2,3,4,5,6,7,8,9,10]}")))
                    .results()
                    .get(0);
            RowResult named = model.score(
                            List.of(
                                    Expectations.row(
                                            "{\"f0\":1,\"f1\":2,\"f2\":3,\"f3\":4,\"f4\":5,\"f5\":6,\"f6\":7,\"f7\":8,\"f8\":9,\"f9\":10}")))
                    .results()
                    .get(0);

            assertThat(whole).isInstanceOf(RowResult.Scored.class).isEqualTo(named);
        }
    }

    @Test
    void vector_of_a_regression_is_kept_as_it_is() throws Exception {
        JsonNode row = EXPECTED.get("wine/vector").get("rows").get(0);
        try (OnnxModel model = Expectations.model("wine/vector")) {
            RowResult.Scored scored = (RowResult.Scored)
                    model.score(List.of(Expectations.row(row.get("features").toString())))
                            .results()
                            .get(0);

            assertThat(scored.score()).isNull();
            assertThat(scored.vector()).hasSize(3);
            for (int i = 0; i < 3; i++) {
                assertClose(
                        Objects.requireNonNull(scored.vector())[i],
                        row.get("outputs").get("scores").get(i).asDouble());
            }
        }
    }

    @Test
    void batches_are_as_large_as_the_model_allows() throws Exception {
        try (OnnxModel one = Expectations.model("wine/fixed_batch_1");
                OnnxModel four = Expectations.model("wine/fixed_batch_4");
                OnnxModel reshaped = Expectations.model("wine/one_row_only");
                OnnxModel neighbours = Expectations.model("wine/neighbours");
                OnnxModel linear = Expectations.model("wine/tensor");
                OnnxModel trees = Expectations.model("breast_cancer/v2")) {
            assertThat(one.batchRule())
                    .extracting(BatchRule::leastRows, BatchRule::mostRows)
                    .containsExactly(1, 1);
            assertThat(four.batchRule())
                    .extracting(BatchRule::leastRows, BatchRule::mostRows)
                    .containsExactly(4, 4);
            assertThat(reshaped.batchRule().reason()).contains("does not take several rows");
            assertThat(neighbours.batchRule().reason()).contains("depends on the rows beside it");
            assertThat(linear.batchRule().leastRows()).isEqualTo(2);
            assertThat(linear.batchRule().mostRows()).isEqualTo(1024);
            assertThat(trees.batchRule().leastRows()).isEqualTo(1);
        }
    }

    @Test
    void batch_of_a_fixed_size_is_filled_up() throws Exception {
        JsonNode expected = EXPECTED.get("wine/softmax");
        List<Features> rows = Expectations.rows(expected).subList(0, 6);
        try (OnnxModel four = Expectations.model("wine/fixed_batch_4");
                OnnxModel free = Expectations.model("wine/softmax")) {
            List<RowResult> results = four.score(rows).results();

            assertThat(results).hasSize(6);
            for (int i = 0; i < 6; i++) {
                RowResult.Scored scored = (RowResult.Scored) results.get(i);
                RowResult.Scored same =
                        (RowResult.Scored) free.score(rows).results().get(i);
                assertThat(scored.label()).isEqualTo(same.label());
                assertClose(
                        scored.probabilities().get("1"),
                        Objects.requireNonNull(same.probabilities().get("1")));
            }
        }
    }

    private static void assertSame(JsonNode got, JsonNode wanted) {
        if (wanted.isNumber()) {
            assertClose(got.asDouble(), wanted.asDouble());
        } else if (wanted.isContainerNode()) {
            assertThat(got.size()).isEqualTo(wanted.size());
            if (wanted.isArray()) {
                for (int i = 0; i < wanted.size(); i++) {
                    assertSame(got.get(i), wanted.get(i));
                }
            } else {
                wanted.properties().forEach(entry -> assertSame(got.get(entry.getKey()), entry.getValue()));
            }
        } else {
            assertThat(got).isEqualTo(wanted);
        }
    }

    // Relative to the value, with a floor where float32 sums cancel or a probability is next to nothing.
    private static void assertClose(@Nullable Double got, double wanted) {
        assertThat(got).isCloseTo(wanted, within(1e-6 * Math.max(Math.abs(wanted), 0.05)));
    }
}
