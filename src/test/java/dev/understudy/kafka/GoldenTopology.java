package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.streams.Topology;

/** Compares a topology with its checked-in description. */
public final class GoldenTopology {
    private static final Path FOLDER = Path.of("src", "test", "resources", "topology");

    private GoldenTopology() {}

    /** Fails if the topology is not the one described in {@code src/test/resources/topology/<name>.txt}. */
    public static void assertUnchanged(String name, Topology topology) throws IOException {
        Path file = FOLDER.resolve(name + ".txt");
        String described = topology.describe().toString();
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as(
                        "The topology of %s changed. A running pipeline finds its state and internal topics by these"
                                + " names: if the change is meant, say in the change how it is migrated, and put this"
                                + " into %s:%n%n%s%n",
                        name, file, described)
                .isEqualTo(described);
    }
}
