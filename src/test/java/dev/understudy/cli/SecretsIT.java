package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.broker.SecureKafka;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every place that can hold a secret holds one that stands nowhere else, and no process prints, logs or serves it, whether
 * it starts or not. Each is a process of its own with everybody's logs from INFO on, and tells all of its stack traces.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class SecretsIT {
    private static final String USER = SecureKafka.ADMIN;
    /** Begins every secret, so that one that was cut short is found as well. */
    private static final String PLANTED = "planted-secret-";

    private static final String WRITE_TOKEN = PLANTED + "write-token";
    private static final String PAGE_TOKEN = PLANTED + "page-token";
    private static final Pattern PAGE = Pattern.compile("The page is at (http://[0-9.:]+/)");

    private SecureKafka kafka;
    private Path folder;

    @BeforeAll
    void startBroker(@TempDir Path temporary) throws Exception {
        folder = temporary;
        kafka = SecureKafka.start(Files.createDirectories(folder.resolve("broker")), Set.of());
        for (String name : List.of("page-token", "registry-password", "bearer-token", "flags-key")) {
            write(name, PLANTED + name);
        }
    }

    @AfterAll
    void stopBroker() {
        kafka.close();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Path configuration(String name, Map<String, String> client, String registry, String flags)
            throws IOException {
        Map<String, String> inFile = new HashMap<>(client);
        String jaas = inFile.remove("sasl.jaas.config");
        inFile.put("ssl.key.password", PLANTED + "key-password");
        inFile.put("unknown.password", PLANTED + "unknown-property");
        write(
                name + ".properties",
                inFile.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining("\n")));
        return write(name + ".yaml", """
                model: {directory: '%s'}
                kafka:
                  bootstrap-servers: '%s'
                  application-prefix: %s
                  partitions: 1
                  state-directory: state-%s
                  properties-file: %s.properties
                  properties:
                    sasl.jaas.config: '%s'
                    default.api.timeout.ms: 5000
                    request.timeout.ms: 4000
                registry: {%s}
                flags: {startup-timeout: 1s, %s}
                page: {port: 0, token-file: page-token}
                """.formatted(
                Path.of("models").toAbsolutePath(), kafka.bootstrapServers(), name, name, name, jaas, registry, flags));
    }

    private String goodRegistry() {
        return "urls: ['%s'], username: somebody, password-file: registry-password, properties: {custom.secret: '%s'}"
                .formatted(kafka.registryUrl(), PLANTED + "registry-property");
    }

    private static String goodFlags() {
        return "file: '" + Path.of("flags.yaml").toAbsolutePath() + "'";
    }

    private JvmCommand command(Path config, String... arguments) {
        return JvmCommand.of(Main.class, 512)
                .withPrefix(List.of("env", "UNDERSTUDY_FLAGS_WRITE_TOKEN=" + WRITE_TOKEN))
                .withJvmArguments("-XX:TieredStopAtLevel=1", "-Dunderstudy.log.root=INFO")
                .withArguments("--verbose")
                .withArguments(arguments)
                .withArguments("-c", config.toString());
    }

    /** All that a process says that ends by itself. */
    private String said(int exitCode, Path config, String... arguments) throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command(config, arguments).words())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES))
                    .as("%s ended", List.of(arguments))
                    .isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        String said = Files.readString(output);
        assertThat(process.exitValue())
                .as("%s, which ended with: %s", List.of(arguments), said.substring(Math.max(0, said.length() - 1_000)))
                .isEqualTo(exitCode);
        assertSilentAboutSecrets(Arrays.toString(arguments), said);
        return said;
    }

    private void assertSilentAboutSecrets(String who, String said) {
        String password = String.valueOf(kafka.clientProperties(USER).get("sasl.jaas.config"))
                .replaceAll(".*password=\"(.*)\";", "$1");
        assertThat(said.lines()
                        .filter(line -> Stream.of(
                                        PLANTED, password, kafka.certificate().password())
                                .anyMatch(line::contains)))
                .as(who)
                .isEmpty();
    }

    @Test
    void a_pipeline_that_runs_keeps_them_to_itself() throws Exception {
        Path config = configuration("good", kafka.clientProperties(USER), goodRegistry(), goodFlags());
        assertThat(said(0, config, "config", "show")).contains("sasl.jaas.config", "custom.secret");
        said(0, config, "config", "check");
        said(0, config, "topics", "create");
        for (String format : List.of("text", "json")) {
            Queue<String> output = new ConcurrentLinkedQueue<>();
            try (ChildJvm run = ChildJvm.start(
                    "run",
                    command(config, "run", "--log-format", format, "--until-input-ends"),
                    "READY",
                    Duration.ofMinutes(2),
                    output::add,
                    output::add)) {
                assertThat(served(page(output))).contains("understudy_", "\"decisions\"");
                sendTokenInTheWrongPlace(page(output));
                said(0, config, "doctor");
                assertThat(run.isAlive()).isTrue();
            } finally {
                assertSilentAboutSecrets("run as " + format, String.join("\n", output));
            }
            assertThat(output).hasSizeGreaterThan(10);
        }
    }

    private static URI page(Queue<String> output) {
        Matcher page = PAGE.matcher(String.join("\n", output));
        assertThat(page.find()).isTrue();
        return URI.create(page.group(1));
    }

    /** All that the page answers, to who has the token and to who has not. */
    private String served(URI page) throws Exception {
        StringBuilder all = new StringBuilder();
        HttpClient client = HttpClient.newHttpClient();
        for (String path : List.of("api/state", "metrics", "healthz", "readyz", "", "missing")) {
            for (String token : List.of(PAGE_TOKEN, "wrong-" + PAGE_TOKEN)) {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(page.resolve(path))
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                all.append(answer.headers().map()).append(answer.body());
            }
        }
        assertSilentAboutSecrets("the page", all.toString());
        return all.toString();
    }

    private static void sendTokenInTheWrongPlace(URI page) throws IOException {
        for (String header : List.of("Host: " + PAGE_TOKEN + " ", "Host: 127.0.0.1: " + PAGE_TOKEN)) {
            try (Socket socket = new Socket(page.getHost(), page.getPort())) {
                socket.getOutputStream()
                        .write(("GET / HTTP/1.1\r\n" + header + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .startsWith("HTTP/1.1 4")
                        .doesNotContain(PAGE_TOKEN);
            }
        }
    }

    @Test
    void a_start_with_a_wrong_password_does_not_tell_which() throws Exception {
        Map<String, String> wrong = new HashMap<>(kafka.clientProperties(USER));
        wrong.computeIfPresent(
                "sasl.jaas.config",
                (key, value) -> value.replaceAll("password=.*", "password=\"" + PLANTED + "wrong-password\";"));
        Path config = configuration("wrong-password", wrong, goodRegistry(), goodFlags());
        assertThat(said(1, config, "run")).contains("credentials");
        assertThat(said(1, config, "doctor")).contains("credentials");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "urls: ['http://somebody:planted-secret-url@127.0.0.1:1'], properties: {max.retries: 0,"
                        + " basic.auth.credentials.source: URL}",
                "urls: ['http://127.0.0.1:1'], bearer-token-file: bearer-token, properties: {max.retries: 0}",
                "urls: ['http://127.0.0.1:1'], properties: {max.retries: 0, basic.auth.credentials.source: USER_INFO,"
                        + " basic.auth.user.info: 'somebody:planted-secret-info'}",
            })
    void a_registry_that_does_not_answer_is_named_without_its_credentials(String registry) throws Exception {
        Path config = configuration("registry", kafka.clientProperties(USER), registry, goodFlags());
        said(0, config, "config", "show");
        said(0, config, "topics", "create");
        sendWhatTheRegistryIsAskedAbout();
        assertThat(said(1, config, "run", "--stages", "score")).contains("127.0.0.1:1");
        assertThat(said(1, config, "doctor")).contains("127.0.0.1:1");
    }

    private void sendWhatTheRegistryIsAskedAbout() throws Exception {
        Map<String, Object> settings = new HashMap<>(kafka.clientProperties(USER));
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("prediction-requests", new byte[] {0, 0, 0, 0, 99, 1}))
                    .get();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "source: unleash, unleash: {url: 'http://127.0.0.1:1', token-file: flags-key}",
                "source: flagsmith, flagsmith: {base-uri: 'http://127.0.0.1:1/api/v1/', environment-key-file: flags-key}",
                "source: launchdarkly, launchdarkly: {base-uri: 'http://127.0.0.1:1', sdk-key-file: flags-key}"
            })
    void a_flag_system_that_does_not_answer_is_named_without_its_key(String flags) throws Exception {
        Path config = configuration("flags", kafka.clientProperties(USER), goodRegistry(), flags);
        said(0, config, "topics", "create");
        assertThat(said(1, config, "run", "--no-page")).contains("flags");
        assertThat(said(1, config, "doctor")).contains("FAILED   flags");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka: {properties: {sasl.jaas.config: [planted-secret-list]}}",
                "kafka: {properties: {sasl.jaas.config: planted-secret-jaas, security.protocol: SASL_SSL}}",
                "kafka: {properties: {ssl.truststore.password: planted-secret, ssl.truststore.location: none,"
                        + " security.protocol: SSL}}",
                "kafka: {properties: {sasl.jaas.config: \"planted-secret \"broken\"}}",
                "kafka: {properties: planted-secret}",
                "registry: {urls: ['http://somebody:planted-secret/with-a-slash@127.0.0.1:1']}",
                "registry: {urls: ['somebody:planted-secret@127.0.0.1:1']}",
                "registry: {urls: ['http://somebody:planted-secret with a blank@127.0.0.1:1']}",
                "registry: {properties: {basic.auth.user.info: planted-secret, basic.auth.credentials.source: USER_INFO}}",
                "flags: {source: unleash, unleash: {url: 'http://somebody:planted-secret@127.0.0.1:1'}}",
                "flags: {source: flagsmith, flagsmith: {base-uri: 'http://somebody:planted-secret@127.0.0.1:1'}}",
                "flags: {source: launchdarkly, launchdarkly: {base-uri: 'http://somebody:planted-secret@127.0.0.1:1'}}"
            })
    void what_is_refused_is_not_shown(String text) throws Exception {
        Path config = write("refused.yaml", text);
        for (String command : List.of("show", "check")) {
            Ran ran = Ran.command("--verbose", "config", command, "-c", config.toString());
            assertSilentAboutSecrets("config " + command, ran.out() + ran.err());
        }
    }
}
