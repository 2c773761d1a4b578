package dev.understudy.model.onnx;

import static dev.understudy.model.onnx.OnnxBytes.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class OnnxFileTest {
    private static OnnxBytes external() {
        return message().field(13, message().field(1, "location").field(2, "weights"));
    }

    /** An attribute, in a node, in a graph. */
    private static OnnxBytes graphWith(OnnxBytes attribute) {
        return message().field(1, message().field(5, attribute));
    }

    static Stream<Arguments> places() {
        OnnxBytes inAttribute = message().field(5, external());
        return Stream.of(
                Arguments.of("initializer", message().field(7, message().field(5, external()))),
                Arguments.of(
                        "sparse initializer",
                        message().field(7, message().field(15, message().field(1, external())))),
                Arguments.of("attribute", message().field(7, graphWith(inAttribute))),
                Arguments.of(
                        "list in an attribute",
                        message().field(7, graphWith(message().field(10, external())))),
                Arguments.of(
                        "sparse attribute",
                        message()
                                .field(
                                        7,
                                        graphWith(message().field(22, message().field(2, external()))))),
                Arguments.of(
                        "graph in an attribute",
                        message().field(7, graphWith(message().field(6, graphWith(inAttribute))))),
                Arguments.of(
                        "function",
                        message().field(25, message().field(7, message().field(5, inAttribute)))),
                Arguments.of(
                        "training",
                        message().field(20, message().field(2, message().field(5, external())))),
                Arguments.of(
                        "behind a group",
                        message()
                                .group(99, message().field(1, "x"))
                                .field(7, message().field(5, external()))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("places")
    void weights_in_other_files_are_found_wherever_the_file_names_them(String place, OnnxBytes model) {
        assertThat(OnnxFile.parse(ByteBuffer.wrap(model.toByteArray())))
                .as(place)
                .hasValueSatisfying(file -> assertThat(file.externalFiles()).containsExactly("weights"));
    }

    @Test
    void graphs_within_graphs_without_end_are_refused() {
        OnnxBytes graph = message();
        OnnxBytes group = message();
        for (int level = 0; level < 3_000; level++) {
            graph = graphWith(message().field(6, graph));
            group = message().group(99, group);
        }
        assertThat(OnnxFile.parse(ByteBuffer.wrap(message().field(7, graph).toByteArray())))
                .isEmpty();
        assertThat(OnnxFile.parse(ByteBuffer.wrap(group.toByteArray()))).isEmpty();
    }
}
