package dev.understudy.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Features;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ScoredBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RowErrorsTest {
    private static final String PERSON =
            "{\"age\":41,\"income\":52000,\"visits\":3,\"member\":true,\"country\":\"de\"}";

    private static OnnxModel columns;
    private static OnnxModel picky;

    @BeforeAll
    static void open() throws Exception {
        columns = Expectations.model("kinds/columns");
        picky = Expectations.model("kinds/picky");
    }

    @AfterAll
    static void close() {
        columns.close();
        picky.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{'age':41,'income':1,'visits':3,'member':true} | MISSING_FEATURE | feature 'country' is missing; the model expects a text (string) for input 'country'",
                "{'age':null,'income':1,'visits':3,'member':true,'country':'de'} | MISSING_FEATURE | feature 'age' has no value; the model expects a number (float) for input 'age'",
                "{'age':41,'income':1,'visits':3,'member':true,'country':'de','contry':1} | UNKNOWN_FEATURE | unknown feature 'contry'; did you mean 'country'? The model expects age, income, visits, member, country",
                "{'age':'old','income':1,'visits':3,'member':true,'country':'de'} | WRONG_TYPE | feature 'age' is a text; the model expects a number (float) for input 'age'",
                "{'age':41,'income':1,'visits':3,'member':true,'country':7} | WRONG_TYPE | feature 'country' is a whole number; the model expects a text (string) for input 'country'",
                "{'age':41,'income':1,'visits':3,'member':true,'country':7.5} | WRONG_TYPE | feature 'country' is a number; the model expects a text (string) for input 'country'",
                "{'age':41,'income':1,'visits':3,'member':true,'country':false} | WRONG_TYPE | feature 'country' is a boolean; the model expects a text (string) for input 'country'",
                "{'age':41,'income':1,'visits':3.5,'member':true,'country':'de'} | WRONG_TYPE | feature 'visits' has a fraction; the model expects a whole number (int64) for input 'visits'",
                "{'age':41,'income':1,'visits':3,'member':0.5,'country':'de'} | WRONG_TYPE | feature 'member' is a number; the model expects a boolean (bool) for input 'member'",
                "{'age':41,'income':1,'visits':3,'member':7,'country':'de'} | OUT_OF_RANGE | feature 'member' is neither 0 nor 1; the model expects a boolean (bool) for input 'member'",
                "{'age':1e39,'income':1,'visits':3,'member':true,'country':'de'} | OUT_OF_RANGE | feature 'age' does not fit a finite float; the model expects a number (float) for input 'age'",
                "{'age':41,'income':1,'visits':1e19,'member':true,'country':'de'} | OUT_OF_RANGE | feature 'visits' does not fit; the model expects a whole number (int64) for input 'visits'",
                "{'age':[1,2],'income':1,'visits':3,'member':true,'country':'de'} | WRONG_LENGTH | feature 'age' has 2 values; the model expects a number (float) for input 'age'",
                "{'age':41,'income':1,'visits':3,'member':true,'country':[1]} | WRONG_TYPE | feature 'country' is a vector; the model expects a text (string) for input 'country'"
            })
    void row_that_does_not_fit_says_what_the_model_expects(String row, String code, String message) {
        RowResult result = score(columns, row.replace('\'', '"'));

        assertThat(result).isEqualTo(new RowResult.Failed(code, message));
    }

    @Test
    void vector_of_another_length_is_refused() throws Exception {
        try (OnnxModel model = Expectations.model("kinds/picture")) {
            assertThat(score(model, "{\"pixels\":[1,2,3]}"))
                    .isEqualTo(new RowResult.Failed(
                            "WRONG_LENGTH",
                            "feature 'pixels' has 3 values; the model expects a vector of 4 numbers (float) for input"
                                    + " 'pixels'"));
            assertThat(score(model, "{\"pixels\":5}"))
                    .isEqualTo(new RowResult.Failed(
                            "WRONG_TYPE",
                            "feature 'pixels' is a whole number; the model expects a vector of 4 numbers (float) for"
                                    + " input 'pixels'"));
            assertThat(score(model, "{}"))
                    .isEqualTo(new RowResult.Failed(
                            "MISSING_FEATURE",
                            "feature 'pixels' is missing; the model expects a vector of 4 numbers (float) for input"
                                    + " 'pixels'"));
        }
    }

    @Test
    void number_that_does_not_fit_int32_is_refused() throws Exception {
        try (OnnxModel model = Expectations.model("kinds/int32")) {
            assertThat(score(model, "{\"f0\":1,\"f1\":2147483648,\"f2\":3}"))
                    .isEqualTo(new RowResult.Failed(
                            "OUT_OF_RANGE",
                            "feature 'f1' does not fit; the model expects a whole number (int32) for column 2 of input"
                                    + " 'X'"));
        }
    }

    @Test
    void input_given_whole_and_by_column_is_refused() throws Exception {
        try (OnnxModel model = Expectations.model("kinds/int64")) {
            RowResult result = score(model, "{\"f0\":1,\"X\":[1,2,3]}");

            assertThat(result).isInstanceOfSatisfying(RowResult.Failed.class, failed -> {
                assertThat(failed.code()).isEqualTo("DUPLICATE_FEATURE");
                assertThat(failed.message()).startsWith("feature 'X' fills a place of input 'X'");
            });
        }
    }

    @Test
    void integers_and_booleans_are_numbers_for_float_columns() throws Exception {
        try (OnnxModel model = Expectations.model("diabetes/column")) {
            Map<String, FeatureValue> real = new LinkedHashMap<>();
            Map<String, FeatureValue> whole = new LinkedHashMap<>();
            for (String name : model.signature().inputs().get(0).features()) {
                boolean sex = name.equals("sex");
                real.put(name, new FeatureValue.Real(sex ? 1 : 90));
                whole.put(name, sex ? new FeatureValue.Bool(true) : new FeatureValue.Whole(90));
            }

            ScoredBatch batch = model.score(List.of(new FeatureMap(real), new FeatureMap(whole)));

            assertThat(batch.results().get(1))
                    .isInstanceOf(RowResult.Scored.class)
                    .isEqualTo(batch.results().get(0));
        }
    }

    @Test
    void not_a_number_is_missing_unless_the_card_takes_it() throws Exception {
        try (OnnxModel refuses = Expectations.model("diabetes/column");
                OnnxModel takes = Expectations.model("diabetes/missing")) {
            Map<String, FeatureValue> row = new LinkedHashMap<>();
            for (String name : refuses.signature().inputs().get(0).features()) {
                row.put(name, new FeatureValue.Real(name.equals("bmi") ? Double.NaN : 1));
            }

            assertThat(refuses.score(List.of(new FeatureMap(row))).results().get(0))
                    .isEqualTo(new RowResult.Failed(
                            "MISSING_FEATURE",
                            "feature 'bmi' is not a number (NaN); the model expects a number (float) for column 3 of"
                                    + " input 'X'"));
            assertThat(takes.score(List.of(new FeatureMap(row))).results().get(0))
                    .isInstanceOf(RowResult.Scored.class);
        }
    }

    @Test
    void feature_that_is_not_there_at_all_is_missing_even_where_nulls_are_taken() throws Exception {
        try (OnnxModel takes = Expectations.model("diabetes/missing")) {
            assertThat(score(takes, "{\"age\":null}"))
                    .isEqualTo(new RowResult.Failed(
                            "MISSING_FEATURE",
                            "feature 'sex' is missing (9 are missing in all); the model expects a number (float) for"
                                    + " column 2 of input 'X'"));
        }
    }

    @Test
    void pipeline_leaves_out_what_the_model_does_not_know() throws Exception {
        try (OnnxModel lenient =
                OnnxModel.open(Expectations.MODELS.resolve("kinds/columns"), OnnxSettings.pipeline())) {
            RowResult result = score(lenient, PERSON.replace("{", "{\"other\":1,"));

            assertThat(result).isInstanceOf(RowResult.Scored.class).isEqualTo(score(columns, PERSON));
        }
    }

    @Test
    void row_that_fails_leaves_the_others_alone() {
        List<Features> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            rows.add(Expectations.row(i % 3 == 1 ? "{\"age\":41}" : PERSON));
        }

        ScoredBatch batch = columns.score(rows);

        assertThat(batch.rows()).isEqualTo(27);
        for (int i = 0; i < 40; i++) {
            assertThat(batch.results().get(i))
                    .isInstanceOf(i % 3 == 1 ? RowResult.Failed.class : RowResult.Scored.class);
        }
        assertThat(batch.results().get(39)).isEqualTo(batch.results().get(0));
    }

    @Test
    void row_that_the_model_itself_refuses_fails_alone_and_its_value_is_not_told() {
        List<Features> rows = List.of(
                Expectations.row(PERSON),
                Expectations.row(PERSON.replace("\"de\"", "\"atlantis\"")),
                Expectations.row(PERSON.replace("\"de\"", "\"it\"")));

        List<RowResult> results = ModelCalls.score(picky, rows).stream()
                .map(VersionAnswer::result)
                .toList();

        assertThat(results.get(0)).isInstanceOf(RowResult.Scored.class);
        assertThat(results.get(2)).isInstanceOf(RowResult.Scored.class);
        assertThat(picky.scoreWithOutputs(rows))
                .extracting(OnnxModel.FullAnswer::result)
                .usingRecursiveFieldByFieldElementComparator()
                .isEqualTo(results);
        assertThat(results.get(1)).isInstanceOfSatisfying(RowResult.Failed.class, failed -> {
            assertThat(failed.code()).isEqualTo("MODEL_FAILED");
            assertThat(failed.message())
                    .contains("OneHotEncoder")
                    .doesNotContain("atlantis")
                    .doesNotContain("Status Message");
        });
    }

    @Test
    void row_for_which_a_model_wants_more_memory_than_there_is_fails_alone(@TempDir Path folder) throws Exception {
        // As many zeros as the row says are added up.
        Path file = Files.write(
                folder.resolve("model.onnx"),
                OnnxBytes.model(OnnxBytes.message()
                        .field(1, OnnxBytes.node("Abs", "x", "positive"))
                        .field(
                                1,
                                OnnxBytes.node("ReduceMax", "positive", "largest")
                                        .field(
                                                5,
                                                OnnxBytes.message()
                                                        .field(1, "axes")
                                                        .field(8, 0)
                                                        .field(20, 7))
                                        .field(5, OnnxBytes.attribute("keepdims", 0)))
                        .field(1, OnnxBytes.node("Cast", "largest", "size").field(5, OnnxBytes.attribute("to", 7)))
                        .field(1, OnnxBytes.node("ConstantOfShape", "size", "zeros"))
                        .field(
                                1,
                                OnnxBytes.node("ReduceSum", "zeros", "nothing")
                                        .field(5, OnnxBytes.attribute("keepdims", 0)))
                        .field(1, OnnxBytes.node("Add", "x", "y").field(1, "nothing"))
                        .field(11, OnnxBytes.floats("x", 1))
                        .field(12, OnnxBytes.floats("y", 1))));
        try (OnnxModel model = OnnxModel.open(file, OnnxSettings.strict())) {
            List<OnnxModel.FullAnswer> answers = model.scoreWithOutputs(List.of(
                    new FeatureMap(Map.of("f0", new FeatureValue.Real(3))),
                    new FeatureMap(Map.of("f0", new FeatureValue.Real(1e15)))));

            assertThat(answers.get(0).result()).isInstanceOf(RowResult.Scored.class);
            assertThat(answers.get(1).result()).isInstanceOf(RowResult.Failed.class);
        }
    }

    @Test
    void call_that_fails_is_one_call_that_took_time() {
        ScoredBatch batch = picky.score(
                List.of(Expectations.row(PERSON), Expectations.row(PERSON.replace("\"de\"", "\"atlantis\""))));

        assertThat(batch.results()).allMatch(ModelCalls::isModelFailure);
        assertThat(batch.rows()).isEqualTo(2);
        assertThat(batch.nanos()).isPositive();
    }

    @Test
    void rows_that_fit_are_those_that_reach_the_call() {
        List<Features> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            rows.add(Expectations.row(i % 3 == 1 ? "{\"age\":41}" : PERSON));
        }

        assertThat(columns.fitting(rows).stream().boxed())
                .containsExactlyElementsOf(
                        IntStream.range(0, 40).filter(i -> i % 3 != 1).boxed().toList());
    }

    @Test
    void no_rows_are_no_call() {
        assertThat(columns.score(List.of())).isEqualTo(new ScoredBatch(List.of(), 0, 0));
        assertThat(columns.score(List.of(Expectations.row("{}"))).nanos()).isZero();
    }

    @Test
    void closed_model_answers_with_an_error() throws Exception {
        OnnxModel model = Expectations.model("kinds/columns");
        model.close();
        model.close();

        assertThat(score(model, PERSON)).isEqualTo(new RowResult.Failed("MODEL_FAILED", "version columns is closed"));
    }

    private static RowResult score(OnnxModel model, String row) {
        return model.score(List.of(Expectations.row(row))).results().get(0);
    }
}
