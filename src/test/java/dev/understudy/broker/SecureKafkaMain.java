package dev.understudy.broker;

import dev.understudy.process.LifeLine;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;

/** The child JVM of {@link SecureKafka}: {@code SecureKafkaMain <folder> <store> <its password> <user=password>...}. */
final class SecureKafkaMain {
    private SecureKafkaMain() {}

    public static void main(String[] arguments) throws Exception {
        LifeLine.exitWhenCut(System.in, Duration.ofSeconds(10));
        Path folder = Path.of(arguments[0]);
        Path logs = folder.resolve("kafka");
        SecureRandom random = new SecureRandom();
        Ports ports = Ports.choose(0, 0, new Ports(0, 0, 0), random);
        int within = Ports.choose(0, 0, new Ports(0, 0, 0), random).kafka();
        List<String> users = Arrays.stream(arguments)
                .skip(3)
                .map(user -> user.split("=", 2))
                .map(user -> "SCRAM-SHA-512=[name=" + user[0] + ",password=" + user[1] + "]")
                .toList();
        EmbeddedBroker.formatter(logs).setScramArguments(users).run();
        Map<String, String> settings = new HashMap<>(EmbeddedBroker.settings(logs, ports));
        settings.put(
                "listeners",
                "SECURE://127.0.0.1:" + ports.kafka() + ",WITHIN://127.0.0.1:" + within + ",CONTROLLER://127.0.0.1:"
                        + ports.controller());
        settings.put("advertised.listeners", "SECURE://localhost:" + ports.kafka() + ",WITHIN://127.0.0.1:" + within);
        settings.put("listener.security.protocol.map", "SECURE:SASL_SSL,WITHIN:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("inter.broker.listener.name", "WITHIN");
        settings.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
        settings.put(
                "listener.name.secure.scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        settings.put("ssl.keystore.location", arguments[1]);
        settings.put("ssl.keystore.password", arguments[2]);
        settings.put("ssl.keystore.type", "PKCS12");
        settings.put("authorizer.class.name", RecordingAuthorizer.class.getName());
        // The broker itself and its controller come without a name, and only through listeners that clients do not
        // know.
        settings.put("super.users", "User:ANONYMOUS;User:" + SecureKafka.ADMIN);
        settings.put(RecordingAuthorizer.FILE, folder.resolve("decisions.tsv").toString());
        EmbeddedRegistry registry =
                EmbeddedRegistry.start(SchemaStore.open(folder.resolve("schemas.jsonl")), ports.registry());
        new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM).startup();
        new PrintStream(System.out, true, StandardCharsets.UTF_8)
                .println(EmbeddedKafka.READY + "bootstrap=localhost:" + ports.kafka() + " registry=" + registry.url());
    }
}
