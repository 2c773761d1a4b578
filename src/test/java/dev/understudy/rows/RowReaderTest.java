package dev.understudy.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.FeatureValue.Bool;
import dev.understudy.domain.FeatureValue.Missing;
import dev.understudy.domain.FeatureValue.Real;
import dev.understudy.domain.FeatureValue.Text;
import dev.understudy.domain.FeatureValue.Whole;
import dev.understudy.domain.Task;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.ModelSignature.ElementType;
import dev.understudy.model.ModelSignature.Input;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RowReaderTest {
    private static final ModelSignature SIGNATURE = new ModelSignature(
            Task.REGRESSION,
            List.of(
                    new Input("age", ElementType.FLOAT, List.of(-1L, 1L), List.of("age")),
                    new Input("zip", ElementType.STRING, List.of(-1L, 1L), List.of("zip")),
                    new Input("member", ElementType.BOOL, List.of(-1L, 1L), List.of("member")),
                    new Input("pixels", ElementType.FLOAT, List.of(-1L, 3L), List.of("pixels"))),
            List.of(),
            List.of(),
            1,
            null);

    @Test
    void cells_are_numbers_where_they_look_like_them_and_missing_where_empty() throws Exception {
        List<Row> rows = read("age,score,country,member,note\n41,2.5,de,true,\n-7,1e3,\"a, b\",False,1d\n");

        assertThat(features(rows.get(0)))
                .containsEntry("age", new Whole(41))
                .containsEntry("score", new Real(2.5))
                .containsEntry("country", new Text("de"))
                .containsEntry("member", new Bool(true))
                .containsEntry("note", new Missing());
        assertThat(features(rows.get(1)))
                .containsEntry("age", new Whole(-7))
                .containsEntry("score", new Real(1000))
                .containsEntry("country", new Text("a, b"))
                .containsEntry("member", new Bool(false))
                .containsEntry("note", new Text("1d"));
    }

    @Test
    void signature_decides_how_cells_are_read() throws Exception {
        List<Row> rows =
                read("age,zip,member,pixels\n41,01097,1,0.5 1 2\nold,,yes,\"[1,2,3]\"\nnan,7,0,1;2;x\n", SIGNATURE);

        assertThat(features(rows.get(0)))
                .containsEntry("age", new Whole(41))
                .containsEntry("zip", new Text("01097"))
                .containsEntry("member", new Bool(true));
        assertThat(vector(rows.get(0), "pixels")).containsExactly(0.5, 1, 2);
        assertThat(features(rows.get(1)))
                .containsEntry("age", new Text("old"))
                .containsEntry("zip", new Missing())
                .containsEntry("member", new Text("yes"));
        assertThat(vector(rows.get(1), "pixels")).containsExactly(1, 2, 3);
        assertThat(features(rows.get(2)))
                .containsEntry("age", new Real(Double.NaN))
                .containsEntry("zip", new Text("7"))
                .containsEntry("pixels", new Text("1;2;x"));
    }

    @Test
    void unnamed_columns_are_numbered() throws Exception {
        assertThat(features(read("age,,\n1,2,3\n").get(0)).keySet()).containsExactly("age", "f1", "f2");
        RowColumns noHeader =
                new RowColumns(false, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), List.of());
        List<Row> rows = read(stream("5.1,3.5\n4.9,3.0\n"), RowFormat.AUTO, noHeader, Optional.empty());
        assertThat(rows).hasSize(2);
        assertThat(features(rows.get(0))).containsEntry("f0", new Real(5.1)).containsEntry("f1", new Real(3.5));
    }

    @Test
    void named_columns_become_ids_attributes_and_the_outcome() throws Exception {
        RowColumns columns = new RowColumns(
                true, Optional.of("id"), Optional.of("user"), List.of("region"), Optional.of("label"), List.of("note"));
        List<Row> rows = read(
                stream("id,user,region,x,label,note\nr1,u7,eu,1.5,1,hm\nr2,u8,,2.5,,\n"),
                RowFormat.CSV,
                columns,
                Optional.empty());

        Row.Good first = (Row.Good) rows.get(0);
        assertThat(first.requestId()).contains("r1");
        assertThat(first.entityId()).contains("u7");
        assertThat(first.attributes()).isEqualTo(Map.of("region", "eu"));
        assertThat(first.outcome()).contains("1");
        assertThat(first.features().values()).isEqualTo(Map.of("x", new Real(1.5)));
        Row.Good second = (Row.Good) rows.get(1);
        assertThat(second.attributes()).isEmpty();
        assertThat(second.outcome()).isEmpty();
    }

    @Test
    void json_keeps_types() throws Exception {
        List<Row> rows = read("""
                {"features":{"age":41,"x":2.0,"big":123456789012345678901,"ok":true,"c":"de","n":null,"v":[[1,2],[3.5,null]]},"requestId":"r1","entityId":7,"attributes":{"region":"eu"},"outcome":1}
                """);

        Row.Good row = (Row.Good) rows.get(0);
        assertThat(row.features().values())
                .containsEntry("age", new Whole(41))
                .containsEntry("x", new Real(2))
                .containsEntry("big", new Real(1.2345678901234568E20))
                .containsEntry("ok", new Bool(true))
                .containsEntry("c", new Text("de"))
                .containsEntry("n", new Missing());
        assertThat(vector(row, "v")).containsExactly(1, 2, 3.5, Double.NaN);
        assertThat(row.requestId()).contains("r1");
        assertThat(row.entityId()).contains("7");
        assertThat(row.attributes()).isEqualTo(Map.of("region", "eu"));
        assertThat(row.outcome()).contains("1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{'features':{'a':1} | not valid JSON at column",
                "{'features':{'a':1}} x | not valid JSON at column",
                "{'features':{'a':1,'a':2}} | not valid JSON at column",
                "[1,2] | a JSON array; one object a line is expected",
                "7 | not a JSON object; one object a line is expected",
                "{'feature':{'a':1}} | unknown key 'feature'; did you mean 'features'?",
                "{'features':[1]} | must be an object of features by name",
                "{'features':{'a':{}}} | feature 'a' is an object; a number, text",
                "{'features':{'a':['x']}} | feature 'a' is an array that holds something other than numbers",
                "{'features':{},'attributes':{'r':[]}} | attribute 'r' must be a text",
                "{'features':{},'entityId':{}} | must be a text"
            })
    void bad_json_line_is_an_error_with_its_line_and_not_the_end(String line, String message) throws Exception {
        List<Row> rows = read(
                stream("{\"features\":{\"a\":1}}\n\n" + line.replace('\'', '"') + "\n{\"features\":{\"a\":3}}\n"),
                RowFormat.JSON,
                RowColumns.onlyFeatures(),
                Optional.empty());

        assertThat(rows).hasSize(3);
        assertThat(rows.get(1)).isInstanceOfSatisfying(Row.Bad.class, bad -> {
            assertThat(bad.number()).isEqualTo(1);
            assertThat(bad.line()).isEqualTo(3);
            assertThat(bad.message()).startsWith("line 3: ").contains(message);
        });
        assertThat(features(rows.get(2))).containsEntry("a", new Whole(3));
    }

    @Test
    void bad_csv_line_is_an_error_with_its_line_and_not_the_end() throws Exception {
        List<Row> rows = read("a,b\n1,2\n3\n4,5,6\n7,\"8\n9,10\n11,12\n");

        assertThat(rows).hasSize(6);
        assertThat(rows.get(1)).isEqualTo(new Row.Bad(1, 3, "line 3 has 1 cell; 2 are expected"));
        assertThat(rows.get(2)).isEqualTo(new Row.Bad(2, 4, "line 4 has 3 cells; 2 are expected"));
        assertThat(rows.get(3)).isEqualTo(new Row.Bad(3, 5, "line 5: a quote is opened and never closed"));
        assertThat(features(rows.get(4))).containsEntry("a", new Whole(9));
        assertThat(features(rows.get(5))).containsEntry("b", new Whole(12));
    }

    @Test
    void quoted_cell_may_span_lines() throws Exception {
        List<Row> rows = read("a,b\n\"one\ntwo \"\"x\"\"\",2\n3,4\n");

        assertThat(features(rows.get(0))).containsEntry("a", new Text("one\ntwo \"x\""));
        assertThat(rows.get(1).line()).isEqualTo(4);
    }

    @Test
    void bytes_that_are_not_utf8_make_their_row_a_bad_one() throws Exception {
        byte[] bytes = "a,b\nx,1\nM?nchen,2\ny,3\n".getBytes(StandardCharsets.US_ASCII);
        bytes[new String(bytes, StandardCharsets.US_ASCII).indexOf('?')] = (byte) 0xFC;
        List<Row> rows =
                read(new ByteArrayInputStream(bytes), RowFormat.AUTO, RowColumns.onlyFeatures(), Optional.empty());

        assertThat(rows.get(1)).isEqualTo(new Row.Bad(1, 3, "line 3: not valid UTF-8"));
        assertThat(rows.get(2)).isInstanceOf(Row.Good.class);
    }

    @Test
    void byte_order_mark_windows_ends_and_other_separators_are_understood() throws Exception {
        assertThat(features(read("\uFEFFa;b\r\n1;2,5\r\n").get(0)))
                .containsEntry("a", new Whole(1))
                .containsEntry("b", new Text("2,5"));
        assertThat(features(read("a\tb\n1\t2\n").get(0))).containsEntry("b", new Whole(2));
    }

    @Test
    void file_that_cannot_be_rows_says_why(@TempDir Path folder) throws Exception {
        assertThatThrownBy(() -> read(""))
                .hasMessage("test is empty; a CSV file with a header or JSON lines are expected");
        assertThatThrownBy(() -> read("a,b,a\n1,2,3\n")).hasMessageContaining("the header names 'a' twice");
        RowColumns columns =
                new RowColumns(true, Optional.empty(), Optional.of("user"), List.of(), Optional.empty(), List.of());
        assertThatThrownBy(() -> read(stream("a,b\n1,2\n"), RowFormat.CSV, columns, Optional.empty()))
                .hasMessage("test has no column 'user'; its columns are a, b");
        assertThatThrownBy(() -> RowReader.open(
                        folder.resolve("no.csv"), RowFormat.AUTO, RowColumns.onlyFeatures(), Optional.empty()))
                .isInstanceOf(RowsException.class)
                .hasMessageContaining("no.csv does not exist");
        assertThatThrownBy(() -> RowReader.open(folder, RowFormat.AUTO, RowColumns.onlyFeatures(), Optional.empty()))
                .hasMessageContaining("is a directory");
    }

    @Test
    void format_is_told_by_extension_else_by_the_first_character(@TempDir Path folder) throws Exception {
        Path json = Files.writeString(folder.resolve("rows.data"), "\n {\"features\":{\"a\":1}}\n");
        Path csv = Files.writeString(folder.resolve("rows.csv"), "{a},b\n1,2\n");

        assertThat(features(open(json).get(0))).containsOnlyKeys("a");
        assertThat(features(open(csv).get(0))).containsOnlyKeys("{a}", "b");
    }

    @Test
    void rows_come_while_the_stream_still_runs() throws Exception {
        // Endless: reading all of it before the first row would never return.
        InputStream endless = new InputStream() {
            private final byte[] line = "1,2\n".getBytes(StandardCharsets.US_ASCII);
            private final byte[] header = "a,b\n".getBytes(StandardCharsets.US_ASCII);
            private long at;

            @Override
            public int read() {
                byte[] from = at < header.length ? header : line;
                return from[(int) (at++ % 4)];
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                for (int i = 0; i < length; i++) {
                    into[offset + i] = (byte) read();
                }
                return length;
            }
        };
        try (RowReader reader =
                RowReader.read(endless, "test", RowFormat.AUTO, RowColumns.onlyFeatures(), Optional.empty())) {
            for (int i = 0; i < 1000; i++) {
                assertThat(reader.next()).isInstanceOf(Row.Good.class);
            }
        }
    }

    private static List<Row> open(Path file) throws RowsException {
        try (RowReader reader = RowReader.open(file, RowFormat.AUTO, RowColumns.onlyFeatures(), Optional.empty())) {
            return all(reader);
        }
    }

    private static List<Row> read(String content) throws RowsException {
        return read(stream(content), RowFormat.AUTO, RowColumns.onlyFeatures(), Optional.empty());
    }

    private static List<Row> read(String content, ModelSignature signature) throws RowsException {
        return read(stream(content), RowFormat.AUTO, RowColumns.onlyFeatures(), Optional.of(signature));
    }

    private static List<Row> read(
            InputStream stream, RowFormat format, RowColumns columns, Optional<ModelSignature> signature)
            throws RowsException {
        try (RowReader reader = RowReader.read(stream, "test", format, columns, signature)) {
            return all(reader);
        }
    }

    private static List<Row> all(RowReader reader) throws RowsException {
        List<Row> rows = new ArrayList<>();
        for (Row row = reader.next(); row != null; row = reader.next()) {
            rows.add(row);
        }
        return rows;
    }

    private static InputStream stream(String content) {
        return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, FeatureValue> features(Row row) {
        return ((Row.Good) row).features().values();
    }

    private static double[] vector(Row row, String name) {
        if (features(row).get(name) instanceof FeatureValue.Vector vector) {
            return vector.value();
        }
        throw new AssertionError(name + " is not a vector");
    }
}
