package dev.understudy.pairs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.Task;
import dev.understudy.evidence.Truth;
import dev.understudy.rows.JsonLines;
import dev.understudy.rows.RowsException;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a file of pairs is taken for, and what in it is refused. */
final class PairReaderTest {
    private static final String BINARY = "{\"production\":{\"score\":0.4},\"candidate\":{\"score\":0.6}}";
    private static final String TIMED =
            "{\"production\":{\"score\":0.4},\"candidate\":{\"score\":0.6},\"time\":\"2026-11-22T10:00:00Z\"}";

    private static PairReader reader(Optional<Task> task, String... lines) throws RowsException {
        byte[] bytes = String.join("\n", lines).getBytes(UTF_8);
        return new PairReader(JsonLines.read(new ByteArrayInputStream(bytes), "test"), task, 0.5);
    }

    private static List<PairReader.Row> rows(PairReader reader) throws RowsException {
        List<PairReader.Row> rows = new ArrayList<>();
        for (PairReader.Row row = reader.next(); row != null; row = reader.next()) {
            rows.add(row);
        }
        return rows;
    }

    private static Truth outcome(PairReader.Row row) {
        return requireNonNull(requireNonNull(row.pair(), row.problem()).outcome());
    }

    @Test
    void scores_between_0_and_1_are_binary() throws RowsException {
        PairReader reader = reader(Optional.empty(), "not json", BINARY);

        assertThat(reader.task()).isEqualTo(Task.BINARY);
        List<PairReader.Row> rows = rows(reader);
        assertThat(rows).extracting(PairReader.Row::line).containsExactly(1L, 2L);
        assertThat(rows.get(0).problem()).startsWith("not valid JSON");
        LoggedPair pair = requireNonNull(rows.get(1).pair());
        assertThat(pair.production().label()).isEqualTo("0");
        assertThat(pair.candidate().label()).isEqualTo("1");
    }

    @Test
    void side_that_names_another_class_is_multiclass() throws RowsException {
        assertThat(reader(
                                Optional.empty(),
                                BINARY,
                                "{\"production\":{\"label\":\"cat\"},\"candidate\":{\"label\":\"1\"}}")
                        .task())
                .isEqualTo(Task.MULTICLASS);
        assertThat(reader(
                                Optional.empty(),
                                "{\"production\":{\"probabilities\":{\"cat\":1}},\"candidate\":{\"error\":\"OOM\"}}")
                        .task())
                .isEqualTo(Task.MULTICLASS);
    }

    @Test
    void values_are_regression_only_if_somebody_says_so() throws RowsException {
        String row = "{\"production\":{\"score\":120.5},\"candidate\":{\"score\":118},\"outcome\":119}";

        assertThatThrownBy(() -> reader(Optional.empty(), BINARY, row))
                .isInstanceOf(RowsException.class)
                .hasMessageContaining("--task regression")
                .hasMessageStartingWith("line 2: \"production.score\" is 120.5, not between 0 and 1");
        assertThat(outcome(rows(reader(Optional.of(Task.REGRESSION), row)).get(0)))
                .isEqualTo(new Truth(null, 119.0, null));
    }

    @Test
    void binary_classes_may_be_written_as_booleans_or_decimals() throws RowsException {
        PairReader reader = reader(
                Optional.empty(),
                "{\"production\":{\"label\":false},\"candidate\":{\"label\":true},\"outcome\":1.0}",
                "{\"production\":{\"label\":\"0.0\"},\"candidate\":{\"label\":1},\"outcome\":{\"label\":false,\"value\":2}}");

        assertThat(reader.task()).isEqualTo(Task.BINARY);
        List<PairReader.Row> rows = rows(reader);
        assertThat(rows).allSatisfy(row -> {
            assertThat(requireNonNull(row.pair()).production().label()).isEqualTo("0");
            assertThat(row.pair().candidate().label()).isEqualTo("1");
        });
        assertThat(outcome(rows.get(0)).label()).isEqualTo("1");
        assertThat(outcome(rows.get(1))).isEqualTo(new Truth("0", 2.0, null));
    }

    @Test
    void outcome_of_no_known_class_is_a_bad_row_and_not_a_missing_label() throws RowsException {
        List<PairReader.Row> rows = rows(reader(
                Optional.empty(),
                "{\"production\":{\"score\":0.4},\"candidate\":{\"score\":0.6},\"outcome\":\"fraud\"}",
                "{\"production\":{\"score\":0.4},\"candidate\":{\"score\":0.6},\"outcome\":{}}"));

        assertThat(rows.get(0).problem()).contains("\"outcome\" must be 0 or 1", "was \"fraud\"", "--task multiclass");
        assertThat(rows.get(1).problem()).contains("\"outcome\" must have a label, a value or a businessValue");
    }

    @Test
    void row_without_a_time_among_rows_with_one_does_not_make_the_stage_decades_old() throws RowsException {
        PairReader timed = reader(Optional.empty(), TIMED, BINARY, TIMED);
        assertThat(rows(timed)).extracting(row -> row.pair() != null).containsExactly(true, false, true);
        assertThat(timed.isTimed()).isTrue();

        PairReader untimed = reader(Optional.empty(), BINARY, TIMED);
        assertThat(rows(untimed).get(1).problem()).contains("\"time\" is here but not in earlier rows");
        assertThat(untimed.isTimed()).isFalse();
    }

    @Test
    void number_beyond_all_doubles_is_refused() throws RowsException {
        assertThat(rows(reader(
                                Optional.of(Task.BINARY),
                                "{\"production\":{\"score\":1e999},\"candidate\":{\"score\":0.6}}"))
                        .get(0)
                        .problem())
                .isEqualTo("\"production.score\" must be a finite number, was one too large");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'production':{'score':0.4,'latencyNanos':1e30},'candidate':{'score':0.6}}"
                        + " | 'production.latencyNanos' must be 0 or more, and below 1e18 nanoseconds, was 1.0E30",
                "{'production':{'score':0.4,'latencyMicros':-2},'candidate':{'score':0.6}}"
                        + " | 'production.latencyMicros' must be 0 or more, and below 1e18 nanoseconds, was -2",
                "{'production':{'score':'high'},'candidate':{'score':0.6}}"
                        + " | 'production.score' must be a finite number, was 'high'",
                "{'production':{'score':0.4},'candidate':7} | 'candidate' must be an object such as {'score': 0.4}, was 7",
                "{'production':{'score':0.4}} | 'candidate' must be an object such as {'score': 0.4}, but is missing",
                "{'production':{'score':0.4},'candidate':{'scoring':1}} | unknown key 'candidate.scoring'. Known keys: score, label",
                "{'production':{'score':0.4},'candidate':{'probabilities':{'1':'x'}}}"
                        + " | 'candidate.probabilities.1' must be a number, was 'x'",
                "{'production':{'score':0.4},'candidate':{'score':0.6},'served':'both'}"
                        + " | 'served' must be production or candidate, was 'both'",
                "{'production':{'score':0.4},'candidate':{'score':0.6},'time':'noon'} | or milliseconds since 1970, was 'noon'",
                "{'production':{'score':0.4},'candidate':{'score':0.6},'time':99999999999999999999} | was '99999999999999999999'",
                "{'production':{'score':0.4},'production':{'score':0.4}} | the key 'production' is given twice",
                "{'production':{'score':0.4}} {} | more than one value; one object a line is expected",
                "{'production':{'score':NaN}} | NaN is no number in JSON",
                "{'production':{'score':high}} | 'high' is no JSON value",
                "{'production':{'score':0.4} | the line ends too early",
                "{'production':{'score':0.4}]} | ']' is not expected there"
            })
    void refused_row_is_told_the_field_the_value_and_what_would_be_right(String line, String problem)
            throws RowsException {
        assertThat(rows(reader(Optional.of(Task.BINARY), line.replace('\'', '"')))
                        .get(0)
                        .problem()
                        .replace('"', '\''))
                .contains(problem)
                .doesNotContain("JsonReadFeature", "java", "code ");
    }
}
