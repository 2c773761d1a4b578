package dev.understudy.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    @Test
    void plain_name_is_taken_as_it_is() {
        assertThat(ModelVersion.parse("v2.1-rc_3").orElseThrow().name()).isEqualTo("v2.1-rc_3");
    }
}
