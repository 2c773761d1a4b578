package dev.understudy.broker;

import dev.understudy.process.LifeLine;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The child JVM of {@link EmbeddedKafka}: {@code EmbeddedKafkaMain <data directory> <Kafka port> <registry port>}. It
 * prints one line when it is ready and exits when its standard input ends.
 */
final class EmbeddedKafkaMain {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final Duration STOP_GRACE = Duration.ofSeconds(10);

    private EmbeddedKafkaMain() {}

    public static void main(String[] arguments) {
        LifeLine.exitWhenCut(System.in, STOP_GRACE);
        PrintStream output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream errors = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        if (arguments.length != 3) {
            errors.println(
                    "expected: <data directory> <Kafka port> <registry port>, got " + arguments.length + " arguments");
            System.exit(USAGE);
        }
        try {
            output.println(
                    start(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2])));
        } catch (StartRefusedException e) {
            errors.println(e.getMessage());
            System.exit(FAILED);
        } catch (Exception e) {
            errors.println("the embedded broker cannot start: " + e);
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                errors.println("caused by " + cause);
            }
            System.exit(FAILED);
        }
    }

    private static String start(Path root, int kafkaPort, int registryPort) throws Exception {
        RandomGenerator random = new SecureRandom();
        DataDirectory directory = DataDirectory.claim(root);
        Ports ports = Ports.choose(kafkaPort, registryPort, directory.portsBefore(), random);
        EmbeddedRegistry registry = EmbeddedRegistry.start(SchemaStore.open(directory.schemas()), ports.registry());
        EmbeddedBroker broker = EmbeddedBroker.start(directory.kafkaLogs(), ports);
        directory.remember(ports);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            registry.close();
                            broker.close();
                        },
                        "stop-embedded-kafka"));
        return EmbeddedKafka.READY + "bootstrap=127.0.0.1:" + ports.kafka() + " registry=" + registry.url();
    }
}
