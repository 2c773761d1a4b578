package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClientPropertiesTest {
    @Test
    void a_file_is_read_as_kafkas_tools_read_it(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("client.properties"),
                "ssl.truststore.password=caf\u00e9\\u20ac",
                StandardCharsets.ISO_8859_1);
        Properties tools = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            tools.load(in);
        }

        assertThat(new ClientProperties("kafka.properties", Map.of(), file).all())
                .isEqualTo(tools)
                .containsEntry("ssl.truststore.password", "caf\u00e9\u20ac");
    }
}
