package dev.understudy.app;

import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import dev.understudy.model.ModelException;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.model.onnx.OnnxSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * SHA-256 of the models on disk, by version; empty for one that cannot be read, or is being read. The models are not loaded:
 * a candidate must not come into the process that may serve production.
 */
final class ModelHashes implements Function<ModelVersion, Optional<String>> {
    /** A file that cannot be read now may be copied just now; but reading gigabytes in vain is not for every few seconds. */
    private static final Duration RETRY = Duration.ofMinutes(1);

    private final UnderstudyConfig.Model model;
    private final Executor executor;
    private final LongSupplier nanoTime;
    private final Map<ModelVersion, Known> known = new ConcurrentHashMap<>();

    private record Known(Optional<String> sha256, boolean isRead, long atNanos) {}

    ModelHashes(UnderstudyConfig.Model model, Executor executor, LongSupplier nanoTime) {
        this.model = model;
        this.executor = executor;
        this.nanoTime = nanoTime;
    }

    /** Reads on the thread that asks, for commands. */
    static ModelHashes now(UnderstudyConfig.Model model) {
        return new ModelHashes(model, Runnable::run, System::nanoTime);
    }

    /** Reads on a thread of its own, and says meanwhile that it does not know: for stream threads, whose transactions end. */
    static ModelHashes inBackground(UnderstudyConfig.Model model) {
        Executor threads = task -> {
            Thread thread = new Thread(task, "model-hashes");
            thread.setDaemon(true);
            thread.start();
        };
        return new ModelHashes(model, threads, System::nanoTime);
    }

    @Override
    public Optional<String> apply(ModelVersion version) {
        Known before = known.get(version);
        boolean isOld = before != null
                && before.isRead()
                && before.sha256().isEmpty()
                && nanoTime.getAsLong() - before.atNanos() >= RETRY.toNanos();
        if (before == null || isOld) {
            known.put(version, new Known(Optional.empty(), false, nanoTime.getAsLong()));
            executor.execute(() -> known.put(version, new Known(read(version), true, nanoTime.getAsLong())));
        }
        Known now = known.get(version);
        return now == null ? Optional.empty() : now.sha256();
    }

    /** What a file on disk may do wrong must not end the stage. */
    private Optional<String> read(ModelVersion version) {
        try (OnnxModelRepository models =
                OnnxModelRepository.open(model.directory(), model.name(), OnnxSettings.strict(), Clock.systemUTC())) {
            return Optional.of(models.sha256(version));
        } catch (ModelException | RuntimeException unreadable) {
            return Optional.empty();
        }
    }
}
