package dev.understudy.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.streams.Topology;

/** Compares a topology with its checked-in description. */
public final class GoldenTopology {
    private static final Path FOLDER = Path.of("src", "test", "resources", "topology");
    private static final Pattern STORES = Pattern.compile("\\(stores: \\[([^]]*)]\\)");
    private static final Pattern REPARTITION = Pattern.compile("\\(topic: (\\S+-repartition)\\)");

    private GoldenTopology() {}

    /** Fails if the topology is not the one described in {@code src/test/resources/topology/<name>.txt}. */
    public static void assertUnchanged(String name, Topology topology) throws IOException {
        Path file = FOLDER.resolve(name + ".txt");
        String known = Files.exists(file) ? Files.readString(file) : "";
        String described = topology.describe().toString();
        if (!known.strip().equals(described.strip())) {
            throw new AssertionError(
                    complaint(name, known, described) + " If the change is meant, say in the change how"
                            + " it is migrated, and put this into " + file + ":\n\n" + described);
        }
    }

    /** What the change does to a pipeline that runs. */
    static String complaint(String name, String known, String described) {
        Set<String> orphans = state(known);
        orphans.removeAll(state(described));
        return "The topology of " + name + " changed. "
                + (orphans.isEmpty()
                        ? "All state and internal topics keep their names, so that a running pipeline finds them."
                        : "A running pipeline finds its state and internal topics by their names, and would not find "
                                + String.join(", ", orphans)
                                + " again: what is in there would be orphaned, and evidence would begin anew without a"
                                + " word.");
    }

    /** Names of stores, which name their changelogs, and of topics between operators. */
    private static Set<String> state(String description) {
        Set<String> state = new TreeSet<>();
        Matcher stores = STORES.matcher(description);
        while (stores.find()) {
            Arrays.stream(stores.group(1).split(",", -1))
                    .map(String::strip)
                    .filter(store -> !store.isEmpty())
                    .forEach(state::add);
        }
        Matcher topics = REPARTITION.matcher(description);
        while (topics.find()) {
            state.add(topics.group(1));
        }
        return state;
    }
}
