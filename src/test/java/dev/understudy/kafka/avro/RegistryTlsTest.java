package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.understudy.avro.Outcome;
import dev.understudy.broker.TestCertificate;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A registry over TLS whose certificate no public authority signed. */
@TestInstance(Lifecycle.PER_CLASS)
class RegistryTlsTest {
    private static final Schema SCHEMA = PlainSchema.of(Outcome.getClassSchema());
    private static final String PASSWORD = "changeit";

    private @Nullable HttpsServer server;
    private @Nullable Path store;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.in(folder.resolve("registry.p12"));
        store = certificate.store();
        assertThat(certificate.password()).isEqualTo(PASSWORD);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        HttpsServer https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(context));
        https.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] answer = "{\"id\":8}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        https.start();
        server = https;
    }

    @AfterAll
    void stop() {
        Objects.requireNonNull(server).stop(0);
    }

    @Test
    void a_registry_is_trusted_by_the_named_store() {
        HttpRegistry registry = registry(Map.of(
                "schema.registry.ssl.truststore.location",
                String.valueOf(store),
                "schema.registry.ssl.truststore.password",
                PASSWORD));

        assertThat(registry.register("outcomes-value", SCHEMA)).isEqualTo(8);
    }

    @Test
    void a_registry_that_nobody_vouches_for_is_refused_without_trying_again() {
        assertThatThrownBy(() -> registry(Map.of()).register("outcomes-value", SCHEMA))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll(
                        "outcomes-value", "https://localhost:", "schema.registry.ssl.truststore.location");
    }

    @Test
    void a_store_that_its_password_does_not_open_is_refused_by_its_key() {
        assertThatThrownBy(() -> registry(Map.of(
                        "schema.registry.ssl.truststore.location",
                        String.valueOf(store),
                        "schema.registry.ssl.truststore.password",
                        "wrong")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("ssl.truststore.location", "ssl.truststore.password");
    }

    private HttpRegistry registry(Map<String, ?> further) {
        Map<String, Object> configuration = new HashMap<>(further);
        configuration.put(
                "schema.registry.url",
                "https://localhost:"
                        + Objects.requireNonNull(server).getAddress().getPort());
        return new HttpRegistry(RegistrySettings.parse(configuration), duration -> {
            throw new AssertionError("waited " + duration);
        });
    }
}
