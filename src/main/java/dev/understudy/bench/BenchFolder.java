package dev.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where a benchmark's data lives: the broker's, the model as two versions, and the configuration of each round. */
final class BenchFolder {
    static final String MODEL = "bench";

    private final Path folder;

    private BenchFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes the folder.
     *
     * @throws IllegalArgumentException if it holds something
     */
    static BenchFolder fresh(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> children = Files.list(folder)) {
            if (children.findAny().isPresent()) {
                throw new IllegalArgumentException(
                        folder + " is not empty; give another folder with --directory, or remove it");
            }
        }
        return new BenchFolder(folder.toAbsolutePath().normalize());
    }

    Path brokerData() {
        return folder.resolve("kafka");
    }

    Path state(String round) {
        return folder.resolve("state").resolve(round);
    }

    /** Copies a version's directory, or a model file, to be production and candidate at once. */
    void takeModel(Path model) throws IOException {
        boolean isFolder = Files.isDirectory(model);
        for (String version : List.of("v1", "v2")) {
            Path to = Files.createDirectories(
                    folder.resolve("models").resolve(MODEL).resolve(version));
            if (isFolder) {
                try (Stream<Path> files = Files.list(model)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        Files.copy(file, to.resolve(file.getFileName()));
                    }
                }
            } else {
                Files.copy(model, to.resolve("model.onnx"));
                Path card = model.resolveSibling("model.yaml");
                if (Files.exists(card)) {
                    Files.copy(card, to.resolve("model.yaml"));
                }
            }
        }
    }

    Path modelFile() {
        return folder.resolve("models").resolve(MODEL).resolve("v1").resolve("model.onnx");
    }

    /**
     * Writes the configuration of the pipeline's processes in a round, and the flags beside it; returns the former.
     *
     * @param forks a candidate is named in the flags
     * @param sections further top-level sections, as YAML; empty for the defaults
     */
    Path writeConfiguration(String round, BenchConnection connection, int partitions, boolean forks, String sections)
            throws IOException {
        Path own = Files.createDirectories(folder.resolve("rounds").resolve(round));
        Files.writeString(
                own.resolve("flags.yaml"),
                "flags:\n  ml-model-version: v1\n" + (forks ? "  shadow-candidates: [v2]\n" : ""));
        return Files.writeString(own.resolve("understudy.yaml"), """
                model: {name: %s, directory: '%s', default-version: v1}
                kafka:
                  bootstrap-servers: '%s'
                  topic-prefix: '%s'
                  application-prefix: '%sapp'
                  partitions: %d
                  state-directory: '%s'
                  properties: {session.timeout.ms: '%s'}
                registry: {urls: ['%s']}
                outcomes: {join: false}
                %s""".formatted(
                        MODEL,
                        folder.resolve("models"),
                        connection.bootstrapServers(),
                        connection.topicPrefix(),
                        connection.topicPrefix(),
                        partitions,
                        state(round),
                        BenchConnection.SESSION_TIMEOUT,
                        connection.registryUrl(),
                        sections));
    }

    /** Removes everything. */
    void delete() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
