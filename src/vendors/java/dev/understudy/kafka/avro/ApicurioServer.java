package dev.understudy.kafka.avro;

import dev.understudy.broker.TestCertificate;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import dev.understudy.process.LifeLine;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A real Apicurio registry in a child JVM, in memory, on free ports of the loopback, over HTTP and over TLS. It wants a
 * name and a password. What it says is in {@code target/apicurio/registry.log}.
 */
final class ApicurioServer implements AutoCloseable {
    static final String USER = "understudy";
    static final String PASSWORD = "a password of the test";

    /** Where the profile {@code vendors} unpacks it. */
    private static final Path HOME = Path.of("target/apicurio");

    /** It says so once it answers: "apicurio-registry-app 3.0.9 on JVM ... Listening on: http://... and https://..." */
    private static final String READY = "apicurio-registry-app ";

    private static final Pattern PORTS =
            Pattern.compile(".*Listening on: http://[^:]+:(\\d+) and https://[^:]+:(\\d+)");

    private final ChildJvm child;
    private final TestCertificate certificate;
    private final String port;
    private final String tlsPort;

    private ApicurioServer(ChildJvm child, TestCertificate certificate, String port, String tlsPort) {
        this.child = child;
        this.certificate = certificate;
        this.port = port;
        this.tlsPort = tlsPort;
    }

    /** Starts it, with a certificate of its own in that folder. */
    static ApicurioServer start(Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.in(folder.resolve("registry.p12"));
        JvmCommand command = JvmCommand.of(ApicurioMain.class, 384)
                .withClassPath(classPath())
                .withJvmArguments("-XX:TieredStopAtLevel=1")
                .withJvmArguments(Stream.of(
                                "apicurio.storage.kind=sql",
                                "apicurio.storage.sql.kind=h2",
                                "quarkus.http.host=127.0.0.1",
                                "quarkus.http.port=0",
                                "quarkus.http.ssl-port=0",
                                "quarkus.http.ssl.certificate.key-store-file=" + certificate.store(),
                                "quarkus.http.ssl.certificate.key-store-password=" + certificate.password(),
                                "quarkus.http.auth.basic=true",
                                "quarkus.security.users.embedded.plain-text=true",
                                "quarkus.security.users.embedded.users." + USER + "=" + PASSWORD,
                                "quarkus.security.users.embedded.roles." + USER + "=sr-admin",
                                "quarkus.log.category.\"io.quarkus\".level=INFO",
                                "quarkus.log.console.format=%m%n",
                                "quarkus.log.file.enable=true",
                                "quarkus.log.file.json=false",
                                "quarkus.log.file.path=" + HOME.resolve("registry.log"))
                        .map(property -> "-D" + property)
                        .toArray(String[]::new));
        ChildJvm child = ChildJvm.start("Apicurio", command, READY, Duration.ofMinutes(2));
        Matcher ports = PORTS.matcher(child.readyLine());
        if (!ports.matches()) {
            child.close();
            throw new AssertionError("Apicurio does not name its ports: " + child.readyLine());
        }
        return new ApicurioServer(child, certificate, ports.group(1), ports.group(2));
    }

    /** The base of Confluent's API. */
    String url() {
        return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
    }

    /** The same over TLS. */
    String tlsUrl() {
        return "https://localhost:" + tlsPort + "/apis/ccompat/v7";
    }

    TestCertificate certificate() {
        return certificate;
    }

    @Override
    public void close() {
        child.close();
    }

    /** The registry's jar, which names its libraries, and of ours what {@link ApicurioMain} needs. */
    private static String classPath() throws Exception {
        return String.join(File.pathSeparator, List.of(runner(), home(ApicurioMain.class), home(LifeLine.class)));
    }

    private static String runner() throws Exception {
        if (!Files.isDirectory(HOME)) {
            throw new AssertionError(HOME + " is not there; ./mvnw -Pvendors pre-integration-test unpacks it");
        }
        try (Stream<Path> files = Files.list(HOME)) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith("-runner.jar"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no *-runner.jar in " + HOME));
        }
    }

    private static String home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }
}
