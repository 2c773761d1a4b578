package dev.understudy.demo;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The folder that the demonstration lives in: its data, its configuration, and the flags that people may edit. */
public final class DemoFolder {
    /** Tells a folder of ours, which may be emptied, from a folder of the user's, which may not. */
    private static final String MARKER = ".understudy-demo";

    private static final String FLAGS = """
            # Flags of the demo. Edit this file while the demo runs: the table follows within a second.
            #
            # Let v2 serve a quarter of the cards:
            #   ml-model-version:
            #     variations: [v1, v2]
            #     rollout: {v2: 25, v1: 75}
            # and say so, or the verdict is HOLD, since nobody declared it:
            #   ./understudy stage start -c (this folder)/understudy.yaml --candidate v2 --percent 25
            # Stop all candidates: remove shadow-candidates.
            flags:
              ml-model-version: v1
              shadow-candidates: [v2, v3, v4]
            """;

    private final Path folder;

    private DemoFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Empties the folder of an earlier demo, or makes a new one.
     *
     * @throws IllegalStateException if the folder holds something else
     */
    public static DemoFolder fresh(Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath().normalize();
        if (Files.exists(absolute)) {
            if (!Files.exists(absolute.resolve(MARKER)) && !isEmpty(absolute)) {
                throw new IllegalStateException("folder " + absolute
                        + " holds something that is not of a demo; give another one with --directory");
            }
            refuseIfInUse(absolute.resolve(MARKER));
            delete(absolute);
        }
        Files.createDirectories(absolute);
        // The demo empties this folder when it starts, unless the process named here still runs.
        Files.writeString(
                absolute.resolve(MARKER), Long.toString(ProcessHandle.current().pid()));
        Files.writeString(absolute.resolve("flags.yaml"), FLAGS);
        return new DemoFolder(absolute);
    }

    public Path brokerData() {
        return folder.resolve("kafka");
    }

    public Path flags() {
        return folder.resolve("flags.yaml");
    }

    /** Writes the configuration with which any command can look at the running demo, and returns the file. */
    public Path writeConfiguration(
            Path models, String bootstrapServers, URI registry, List<String> segments, int pagePort)
            throws IOException {
        String yaml = """
                # The demo's configuration. Time scales are shortened: see evaluate, outcomes and readiness.
                model:
                  name: fraud
                  directory: "%s"
                  default-version: v1
                kafka:
                  bootstrap-servers: %s
                  application-prefix: demo
                  partitions: 4
                  state-directory: state
                registry:
                  urls: [%s]
                flags:
                  source: file
                  file: flags.yaml
                evaluate:
                  commit-interval: 2s
                  window: 3s
                  grace: 2s
                  interval: 1s
                  idle-after: 30s
                  time-block: 50ms
                  lag-budget: 10s
                  segments:
                    region: [%s]
                shadow:
                  like-for-like-share: 0.3
                  lag-budget: 8s
                outcomes:
                  retention: 1h
                  maturity: 6s
                page:
                  port: %d
                readiness:
                  valid-for: 60s
                  # Two minutes on a busy machine decide what they can: a batch may take twice as long (10^0.3), three
                  # more in a hundred may be slow, and scores may differ, for a better model has others.
                  margins: {score-shift: 0.1, tail-latency: 0.03, typical-latency: 0.3}
                  holds: {"0": 30s, "5": 30s, "25": 60s, "50": 60s}
                """.formatted(
                        models.toAbsolutePath().normalize().toString().replace("\\", "\\\\"),
                        bootstrapServers,
                        registry,
                        String.join(", ", segments),
                        pagePort);
        return Files.writeString(folder.resolve("understudy.yaml"), yaml);
    }

    private static void refuseIfInUse(Path marker) throws IOException {
        if (!Files.exists(marker)) {
            return;
        }
        String pid = Files.readString(marker).strip();
        if (pid.matches("\\d{1,18}")
                && ProcessHandle.of(Long.parseLong(pid))
                        .filter(process ->
                                process.pid() != ProcessHandle.current().pid())
                        .flatMap(process -> process.info().command())
                        .filter(command -> command.endsWith("java"))
                        .isPresent()) {
            throw new IllegalStateException("folder " + marker.getParent() + " is in use by a demo, process " + pid
                    + "; end that one, or give another folder with --directory");
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.findAny().isEmpty();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
