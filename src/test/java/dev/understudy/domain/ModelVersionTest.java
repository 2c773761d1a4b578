package dev.understudy.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelVersionTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../v1", "/etc/passwd", "v1/model.onnx", ".hidden", "a..b", "v 1", "v1\n"})
    void name_that_could_leave_the_model_folder_is_refused(String name) {
        assertThat(ModelVersion.parse(name)).isEmpty();
        assertThatThrownBy(() -> new ModelVersion(name)).hasMessageContaining("'" + name + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "C:\\x",
                "C:x",
                "C:",
                "..\\v1",
                "v1\\..",
                "v1\\model.onnx",
                "\\v1",
                "\\\\host\\x",
                "//host/x",
                "\\\\?\\C:\\x",
                "\\\\.\\CON",
                "v1:stream",
                "v1::$DATA",
                "v1.",
                "v1 ",
                " v1",
                "v1*",
                "v1?",
                "MODELS~1",
                "CON",
                "con",
                "Con.v1",
                "PRN",
                "AUX",
                "NUL",
                "nul.onnx",
                "COM1",
                "com9.x",
                "LPT1",
                "CONIN$"
            })
    void name_that_windows_takes_for_another_path_is_refused_on_every_system(String name) {
        assertThat(ModelVersion.parse(name)).isEmpty();
        assertThatThrownBy(() -> new ModelVersion(name)).hasMessageContaining("'" + name + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v1\0",
                "v\0001",
                "\0",
                "v1\t",
                "v\b1",
                "v\u001b[2J",
                "v\u007f1",
                "v1\r\n",
                "v\u00a01",
                "v\u202e1",
                "\uff561"
            })
    void name_with_a_character_that_is_not_seen_or_not_plain_is_refused(String name) {
        assertThat(ModelVersion.parse(name)).isEmpty();
        assertThatThrownBy(() -> new ModelVersion(name)).hasMessageContaining("model version must be");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v2.1-rc_3", "console", "con-1", "COM10", "nullable", "2026.11.27", "auxiliary.v1"})
    void plain_name_is_taken_as_it_is(String name) {
        assertThat(ModelVersion.parse(name).orElseThrow().name()).isEqualTo(name);
    }

    @Test
    void rule_stands_in_the_documentation_of_models() throws IOException {
        assertThat(Files.readString(Path.of("docs/models.md")).replaceAll("\\s+", " "))
                .contains("The name of a model or a version is " + ModelVersion.RULE);
    }

    @Test
    void name_of_64_characters_is_the_longest() {
        assertThat(ModelVersion.parse("v".repeat(64))).isPresent();
        assertThat(ModelVersion.parse("v".repeat(65))).isEmpty();
    }
}
