package dev.understudy.model.onnx;

import dev.understudy.domain.FileProblem;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Suggestion;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.LoadGuard;
import dev.understudy.model.ModelException;
import dev.understudy.model.ModelRepository;
import dev.understudy.model.ModelState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The versions of a model under {@code <root>/<model>/<version>/model.onnx}. A version is loaded once, by a thread of
 * the repository's own, and stays as it was read: a file that changes afterwards is not looked at until the process
 * starts again, so that one name means one model for as long as evidence is gathered about it.
 */
public final class OnnxModelRepository implements ModelRepository {
    private final Path folder;
    private final String model;
    private final OnnxSettings settings;
    private final Clock clock;
    private final LoadGuard guard;
    private final ExecutorService loader;
    private final Map<ModelVersion, Optional<BatchScorer>> ready = new ConcurrentHashMap<>();
    private final Map<ModelVersion, CompletableFuture<BatchScorer>> loading = new ConcurrentHashMap<>();
    private final Map<ModelVersion, Failure> failures = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private record Failure(String message, Instant at) {}

    /**
     * The repository of one model.
     *
     * @param root the directory of all models
     * @param model the folder's name below it, such as {@code fraud}
     * @throws ModelException if there is no such model; the message lists those that there are
     */
    public static OnnxModelRepository open(Path root, String model, OnnxSettings settings, Clock clock)
            throws ModelException {
        return open(root, model, settings, clock, LoadGuard.NONE);
    }

    /**
     * As {@link #open(Path, String, OnnxSettings, Clock)}.
     *
     * @param guard stands around the loading of each version
     */
    public static OnnxModelRepository open(Path root, String model, OnnxSettings settings, Clock clock, LoadGuard guard)
            throws ModelException {
        // A model's name is subject to the same rule as a version's: it becomes a folder.
        if (ModelVersion.parse(model).isEmpty()) {
            throw new ModelException(
                    "'" + model + "' cannot be the name of a model: expected are " + ModelVersion.RULE);
        }
        requireRoot(root);
        Path folder = root.resolve(model);
        if (!Files.isDirectory(folder)) {
            List<String> present = models(root);
            throw new ModelException(root + " has no model '" + model + "'"
                    + (present.isEmpty()
                            ? "; it is empty, models are expected in " + root + "/<model>/<version>/model.onnx"
                            : Suggestion.orFullStop(model, present) + " It has: " + String.join(", ", present)));
        }
        try {
            if (!folder.toRealPath().startsWith(root.toRealPath())) {
                throw new ModelException(folder + " leads outside " + root + "; keep models below it");
            }
        } catch (IOException unreadable) {
            throw new ModelException(folder + " cannot be read: " + FileProblem.of(folder, unreadable), unreadable);
        }
        return new OnnxModelRepository(folder, model, settings, clock, guard);
    }

    /**
     * Names of the models below a directory, sorted.
     *
     * @throws ModelException if there is no such directory
     */
    public static List<String> models(Path root) throws ModelException {
        requireRoot(root);
        return folders(
                root, OnnxModelRepository::isName, path -> !versionsIn(path).isEmpty());
    }

    /**
     * The folders below a directory that hold models or versions and are left out for their names, and why, for people.
     * A name that begins with a dot is taken for hidden on purpose.
     *
     * @throws ModelException if there is no such directory
     */
    public static List<String> leftOut(Path root) throws ModelException {
        requireRoot(root);
        List<String> leftOut = new ArrayList<>(leftOut(
                root,
                path -> Files.isReadable(path)
                        && !folders(path, name -> true, OnnxModelRepository::isVersion)
                                .isEmpty()));
        for (String model : folders(root, OnnxModelRepository::isName, path -> true)) {
            leftOut.addAll(leftOut(root.resolve(model), OnnxModelRepository::isVersion));
        }
        return leftOut;
    }

    /** As {@link #leftOut(Path)}, of this model's versions. */
    public List<String> leftOut() throws ModelException {
        return leftOut(folder, OnnxModelRepository::isVersion);
    }

    private static List<String> leftOut(Path parent, Condition condition) throws ModelException {
        return folders(parent, name -> !isName(name) && !name.startsWith("."), condition).stream()
                .map(name -> parent.resolve(name) + " is left out: its name must be " + ModelVersion.RULE)
                .toList();
    }

    private static void requireRoot(Path root) throws ModelException {
        if (!Files.isDirectory(root)) {
            throw new ModelException(root + (Files.exists(root) ? " is not a directory" : " does not exist")
                    + "; models are expected in " + root + "/<model>/<version>/model.onnx");
        }
    }

    private OnnxModelRepository(Path folder, String model, OnnxSettings settings, Clock clock, LoadGuard guard) {
        this.guard = guard;
        this.folder = folder;
        this.model = model;
        this.settings = settings;
        this.clock = clock;
        this.loader = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "model-loader-" + model);
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public String model() {
        return model;
    }

    @Override
    public List<ModelVersion> versions() {
        try {
            return versionsIn(folder).stream().map(ModelVersion::new).toList();
        } catch (ModelException unreadable) {
            throw new IllegalStateException(unreadable.getMessage(), unreadable);
        }
    }

    @Override
    public BatchScorer load(ModelVersion version) throws ModelException {
        Optional<BatchScorer> present = ready.get(version);
        if (present != null && present.isPresent()) {
            return present.get();
        }
        try {
            return begin(version).get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ModelException("interrupted while " + folder.resolve(version.name()) + " was loading");
        } catch (java.util.concurrent.ExecutionException failed) {
            throw modelException(failed.getCause());
        }
    }

    @Override
    public Optional<BatchScorer> ifReady(ModelVersion version) {
        Optional<BatchScorer> present = ready.get(version);
        if (present != null) {
            return present;
        }
        Failure failure = failures.get(version);
        if (!closed
                && !loading.containsKey(version)
                && (failure == null || !clock.instant().isBefore(failure.at.plus(settings.retryAfter())))) {
            // A failure is kept by the loader and read by failure(); nobody waits here.
            var unused = begin(version);
        }
        return Optional.empty();
    }

    @Override
    public Optional<String> failure(ModelVersion version) {
        return Optional.ofNullable(failures.get(version)).map(Failure::message);
    }

    /**
     * SHA-256 of the version's model file and external weights as they are on disk now, lower-case hexadecimal. Neither
     * is loaded, onto the heap or into ONNX Runtime.
     *
     * @throws ModelException if the version is not there or cannot be read
     */
    public String sha256(ModelVersion version) throws ModelException {
        return ModelFiles.sha256(checked(version), folder);
    }

    /** How every version is that was asked for, by name. */
    public List<ModelState> states() {
        Map<ModelVersion, ModelState> states = new TreeMap<>(Comparator.comparing(ModelVersion::name));
        failures.forEach((version, failure) -> states.put(
                version, new ModelState(version, ModelState.Loading.FAILED, Optional.of(failure.message()))));
        loading.keySet()
                .forEach(version ->
                        states.put(version, new ModelState(version, ModelState.Loading.IN_PROGRESS, Optional.empty())));
        ready.keySet()
                .forEach(version ->
                        states.put(version, new ModelState(version, ModelState.Loading.LOADED, Optional.empty())));
        return List.copyOf(states.values());
    }

    /** Loads every version on disk in turn and tells what it is, or why it cannot be loaded. */
    public List<ModelDescription> describe() {
        List<ModelDescription> descriptions = new ArrayList<>();
        for (ModelVersion version : versions()) {
            Path file = file(version);
            try {
                OnnxModel loaded = (OnnxModel) load(version);
                descriptions.add(new ModelDescription(
                        model,
                        version,
                        file,
                        loaded.sizeBytes(),
                        loaded.sha256(),
                        loaded.signature(),
                        loaded.batchRule(),
                        null));
            } catch (ModelException unusable) {
                descriptions.add(
                        new ModelDescription(model, version, file, null, null, null, null, unusable.getMessage()));
            }
        }
        return descriptions;
    }

    private CompletableFuture<BatchScorer> begin(ModelVersion version) {
        CompletableFuture<BatchScorer> started = new CompletableFuture<>();
        CompletableFuture<BatchScorer> present = loading.putIfAbsent(version, started);
        if (present != null) {
            return present;
        }
        try {
            loader.execute(() -> {
                try {
                    guard.load(version, () -> loadNow(version, started));
                } catch (RuntimeException guardFailed) {
                    loading.remove(version, started);
                    failures.put(version, new Failure("it could not be guarded: " + guardFailed, clock.instant()));
                    started.completeExceptionally(guardFailed);
                }
            });
        } catch (RejectedExecutionException afterClose) {
            loading.remove(version);
            started.completeExceptionally(new ModelException("the models of " + folder + " are closed"));
        }
        return started;
    }

    private void loadNow(ModelVersion version, CompletableFuture<BatchScorer> started) {
        try {
            Optional<BatchScorer> present = ready.get(version);
            if (present != null && present.isPresent()) {
                started.complete(present.get());
                return;
            }
            OnnxModel loaded = OnnxModel.load(ModelFiles.read(checked(version), folder), version, settings);
            if (closed) {
                loaded.close();
                throw new ModelException("the models of " + folder + " are closed");
            }
            failures.remove(version);
            ready.put(version, Optional.of(loaded));
            started.complete(loaded);
        } catch (ModelException | RuntimeException | LinkageError | VirtualMachineError failed) {
            // A candidate that needs more memory than there is has failed, and is no reason to load nothing any more.
            String message =
                    failed.getMessage() == null || failed instanceof Error ? failed.toString() : failed.getMessage();
            failures.put(version, new Failure(message, clock.instant()));
            started.completeExceptionally(failed);
        } finally {
            loading.remove(version);
        }
    }

    private Path file(ModelVersion version) {
        return folder.resolve(version.name()).resolve(OnnxModel.FILE_NAME);
    }

    private Path checked(ModelVersion version) throws ModelException {
        Path file = file(version);
        if (!Files.isDirectory(folder.resolve(version.name()))) {
            List<String> present = versionsIn(folder);
            throw new ModelException(folder + " has no version '" + version + "'"
                    + (present.isEmpty() ? "; it has none" : "; it has: " + String.join(", ", present)));
        }
        if (!Files.exists(file)) {
            throw new ModelException(
                    file + " does not exist; the model of version '" + version + "' is expected there");
        }
        return file;
    }

    private static List<String> versionsIn(Path folder) throws ModelException {
        return folders(folder, OnnxModelRepository::isName, OnnxModelRepository::isVersion);
    }

    private static boolean isName(String name) {
        return ModelVersion.parse(name).isPresent();
    }

    private static boolean isVersion(Path folder) {
        return Files.exists(folder.resolve(OnnxModel.FILE_NAME));
    }

    private interface Condition {
        boolean holds(Path path) throws ModelException;
    }

    private static List<String> folders(Path parent, Predicate<String> named, Condition condition)
            throws ModelException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> children = Files.list(parent)) {
            for (Path child : children.toList()) {
                String name = String.valueOf(child.getFileName());
                if (Files.isDirectory(child) && named.test(name) && condition.holds(child)) {
                    names.add(name);
                }
            }
        } catch (IOException unreadable) {
            throw new ModelException(parent + " cannot be read: " + FileProblem.of(parent, unreadable), unreadable);
        }
        names.sort(OnnxModelRepository::naturally);
        return names;
    }

    /** v2 before v10: runs of digits compare as numbers. */
    private static int naturally(String a, String b) {
        int i = 0;
        int j = 0;
        while (i < a.length() && j < b.length()) {
            if (Character.isDigit(a.charAt(i)) && Character.isDigit(b.charAt(j))) {
                int endA = digitsEnd(a, i);
                int endB = digitsEnd(b, j);
                int order = new java.math.BigInteger(a.substring(i, endA))
                        .compareTo(new java.math.BigInteger(b.substring(j, endB)));
                if (order != 0) {
                    return order;
                }
                i = endA;
                j = endB;
            } else if (a.charAt(i) != b.charAt(j)) {
                return Character.compare(a.charAt(i), b.charAt(j));
            } else {
                i++;
                j++;
            }
        }
        int rest = Integer.compare(a.length() - i, b.length() - j);
        return rest != 0 ? rest : a.compareTo(b);
    }

    private static int digitsEnd(String text, int from) {
        int end = from;
        while (end < text.length() && Character.isDigit(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static ModelException modelException(@Nullable Throwable cause) {
        if (cause instanceof ModelException known) {
            return known;
        }
        return new ModelException("a model could not be loaded: " + cause, new CompletionException(cause));
    }

    @Override
    public void close() {
        closed = true;
        loader.shutdown();
        try {
            if (!loader.awaitTermination(10, TimeUnit.SECONDS)) {
                loader.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            loader.shutdownNow();
            Thread.currentThread().interrupt();
        }
        ready.values().forEach(scorer -> scorer.ifPresent(BatchScorer::close));
        ready.clear();
    }
}
