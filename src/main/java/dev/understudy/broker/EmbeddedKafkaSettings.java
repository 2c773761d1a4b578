package dev.understudy.broker;

import dev.understudy.process.JvmCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Where the embedded broker keeps its data and on which ports of 127.0.0.1 it listens.
 *
 * @param kafkaPort 0 takes the port that was used in this directory before, else any free one
 * @param registryPort as {@code kafkaPort}
 * @param heapMebibytes the child's maximum heap
 * @param startLimit after which a child that is not ready is killed
 * @param jvmArguments further options of the child JVM
 */
public record EmbeddedKafkaSettings(
        Path dataDirectory,
        int kafkaPort,
        int registryPort,
        int heapMebibytes,
        Duration startLimit,
        String classPath,
        List<String> jvmArguments) {
    private static final int MINIMUM_HEAP_MEBIBYTES = 96;
    private static final int DEFAULT_HEAP_MEBIBYTES = 256;
    private static final int LARGEST_PORT = 65_535;

    public EmbeddedKafkaSettings {
        jvmArguments = List.copyOf(jvmArguments);
        requirePort("embedded.kafka-port", kafkaPort);
        requirePort("embedded.registry-port", registryPort);
        if (kafkaPort != 0 && kafkaPort == registryPort) {
            throw new IllegalArgumentException(
                    "embedded.registry-port must differ from embedded.kafka-port, both were " + kafkaPort);
        }
        if (heapMebibytes < MINIMUM_HEAP_MEBIBYTES) {
            throw new IllegalArgumentException(
                    "embedded.heap-mebibytes must be at least " + MINIMUM_HEAP_MEBIBYTES + ", was " + heapMebibytes);
        }
        if (startLimit.isNegative() || startLimit.isZero()) {
            throw new IllegalArgumentException("embedded.start-limit must be positive, was " + startLimit);
        }
    }

    /** Free ports, 256 MiB of heap, a minute to start, the class path of this process. */
    public static EmbeddedKafkaSettings in(Path dataDirectory) {
        return new EmbeddedKafkaSettings(
                dataDirectory,
                0,
                0,
                DEFAULT_HEAP_MEBIBYTES,
                Duration.ofMinutes(1),
                JvmCommand.ownClassPath(),
                List.of());
    }

    public EmbeddedKafkaSettings withPorts(int kafka, int registry) {
        return new EmbeddedKafkaSettings(
                dataDirectory, kafka, registry, heapMebibytes, startLimit, classPath, jvmArguments);
    }

    public EmbeddedKafkaSettings withHeapMebibytes(int heap) {
        return new EmbeddedKafkaSettings(
                dataDirectory, kafkaPort, registryPort, heap, startLimit, classPath, jvmArguments);
    }

    public EmbeddedKafkaSettings withStartLimit(Duration limit) {
        return new EmbeddedKafkaSettings(
                dataDirectory, kafkaPort, registryPort, heapMebibytes, limit, classPath, jvmArguments);
    }

    /** The child with the quick compiler alone: 1.9 s of CPU until ready instead of 3.3, less throughput when warm. */
    public EmbeddedKafkaSettings withQuickStart() {
        return new EmbeddedKafkaSettings(
                dataDirectory,
                kafkaPort,
                registryPort,
                heapMebibytes,
                startLimit,
                classPath,
                List.of("-XX:TieredStopAtLevel=1"));
    }

    private static void requirePort(String key, int port) {
        if (port < 0 || port > LARGEST_PORT) {
            throw new IllegalArgumentException(
                    key + " must be between 0 (any free port) and " + LARGEST_PORT + ", was " + port);
        }
    }
}
