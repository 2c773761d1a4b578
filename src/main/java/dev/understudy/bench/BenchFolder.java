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
                throw new IllegalArgumentException(folder
                        + " is not empty; a benchmark that runs has it, or one that was killed left it: remove it, or give"
                        + " another folder with --directory");
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
        takeVersion(model, "v1");
        takeVersion(model, "v2");
    }

    /** Copies a version's directory, or a model file. */
    void takeVersion(Path model, String version) throws IOException {
        Path to =
                Files.createDirectories(folder.resolve("models").resolve(MODEL).resolve(version));
        if (Files.isDirectory(model)) {
            try (Stream<Path> files = Files.list(model)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
            return;
        }
        Files.copy(model, to.resolve("model.onnx"));
        Path card = model.resolveSibling("model.yaml");
        if (Files.exists(card)) {
            Files.copy(card, to.resolve("model.yaml"));
        }
    }

    Path modelFile() {
        return folder.resolve("models").resolve(MODEL).resolve("v1").resolve("model.onnx");
    }

    /**
     * Writes the configuration of the pipeline's processes in a round, and the flags beside it; returns the former.
     *
     * @param candidates named in the flags
     * @param sections further top-level sections, as YAML; empty for the defaults
     */
    Path writeConfiguration(
            String round, BenchConnection connection, int partitions, List<String> candidates, String sections)
            throws IOException {
        Path own = Files.createDirectories(folder.resolve("rounds").resolve(round));
        writeFlags(round, candidates);
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
                        connection.sessionTimeout().toMillis(),
                        connection.registryUrl(),
                        sections));
    }

    /** Names the candidates of a round in its flags, which are read again while it runs. */
    void writeFlags(String round, List<String> candidates) throws IOException {
        Files.writeString(
                folder.resolve("rounds").resolve(round).resolve("flags.yaml"),
                "flags:\n  ml-model-version: v1\n"
                        + (candidates.isEmpty()
                                ? ""
                                : "  shadow-candidates: [" + String.join(", ", candidates) + "]\n"));
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
