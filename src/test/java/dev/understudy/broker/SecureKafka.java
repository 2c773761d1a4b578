package dev.understudy.broker;

import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/**
 * A broker in a child JVM that lets in only over TLS and with a password (SASL_SSL, SCRAM-SHA-512) and allows nothing that
 * its authoriser was not told, but to {@value #ADMIN}. The schema registry beside it is open.
 */
public final class SecureKafka implements AutoCloseable {
    /** May do everything. */
    public static final String ADMIN = "admin";

    private final ChildJvm child;
    private final Path folder;
    private final TestCertificate certificate;
    private final Map<String, String> passwords;
    private final String bootstrapServers;
    private final String registryUrl;

    /** What the authoriser answered. */
    public record Decision(String user, boolean allowed, String operation, String resource, String name) {
        private static Decision parse(String line) {
            String[] parts = line.split("\t", -1);
            return new Decision(parts[0], parts[1].equals("ALLOWED"), parts[2], parts[3], parts[4]);
        }
    }

    private SecureKafka(
            ChildJvm child, Path folder, TestCertificate certificate, Map<String, String> passwords, Matcher ready) {
        this.child = child;
        this.folder = folder;
        this.certificate = certificate;
        this.passwords = passwords;
        this.bootstrapServers = ready.group(1);
        this.registryUrl = ready.group(2);
    }

    /** Starts it in an empty folder, with these users beside {@value #ADMIN}. */
    public static SecureKafka start(Path folder, Set<String> users) throws Exception {
        Set<String> all = new HashSet<>(users);
        all.add(ADMIN);
        Map<String, String> passwords = all.stream()
                .collect(Collectors.toMap(
                        Function.identity(), user -> UUID.randomUUID().toString()));
        TestCertificate certificate = TestCertificate.in(folder.resolve("broker.p12"));
        List<String> arguments =
                new ArrayList<>(List.of(folder.toString(), certificate.store().toString(), certificate.password()));
        passwords.forEach((user, password) -> arguments.add(user + "=" + password));
        JvmCommand command = JvmCommand.of(SecureKafkaMain.class, 256)
                .withJvmArguments("-XX:TieredStopAtLevel=1", "-Dsun.net.httpserver.nodelay=true")
                .withJvmArguments("-Dlog4j2.configurationFile=classpath:dev/understudy/broker/log4j2.xml")
                .withArguments(arguments.toArray(String[]::new));
        ChildJvm child = ChildJvm.start("secure Kafka", command, EmbeddedKafka.READY, Duration.ofMinutes(1));
        Matcher ready = EmbeddedKafka.READY_LINE.matcher(child.readyLine());
        if (!ready.matches()) {
            child.killForcibly();
            throw new IllegalStateException("secure Kafka said \"" + child.readyLine() + "\"");
        }
        return new SecureKafka(child, folder, certificate, passwords, ready);
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    public String registryUrl() {
        return registryUrl;
    }

    public TestCertificate certificate() {
        return certificate;
    }

    /** What a client sets that comes as this user. */
    public Map<String, String> clientProperties(String user) {
        return Map.of(
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                "SCRAM-SHA-512",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                        + passwords.get(user) + "\";",
                "ssl.truststore.location",
                certificate.store().toString(),
                "ssl.truststore.password",
                certificate.password(),
                "ssl.truststore.type",
                "PKCS12");
    }

    /** What the authoriser answered so far, each once; what it was asked only to filter a list is not among it. */
    public Set<Decision> decisions() {
        try {
            return Files.readAllLines(folder.resolve("decisions.tsv")).stream()
                    .map(Decision::parse)
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        child.close();
    }
}
