package dev.understudy.shadow;

import dev.understudy.model.ModelRepository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Scorers of a test, each with a guard and a folder of its own that end with the test. */
public final class ShadowScorers implements AfterEachCallback {
    private final Deque<CallGuard> guards = new ArrayDeque<>();
    private final Deque<Path> folders = new ArrayDeque<>();

    /** The standard settings but for these. */
    public static ShadowSettings settings(Duration loadTimeout, double likeForLikeShare, String... features) {
        ShadowSettings standard = ShadowSettings.standard();
        return new ShadowSettings(
                loadTimeout,
                standard.timeLimit(),
                standard.hangLimit(),
                standard.quarantine(),
                standard.lagBudget(),
                likeForLikeShare,
                List.of(features));
    }

    public ShadowScorer of(ModelRepository models, ShadowSettings settings) {
        return of(models, settings, InstantSource.system());
    }

    ShadowScorer of(ModelRepository models, ShadowSettings settings, InstantSource clock) {
        try {
            Path folder = Files.createTempDirectory("shadow-calls");
            folders.push(folder);
            CallGuard guard = CallGuard.open(folder, settings, clock, () -> {
                throw new AssertionError("the process would have been halted");
            });
            guards.push(guard);
            return new ShadowScorer(models, settings, guard, clock);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        guards.forEach(CallGuard::close);
        for (Path folder : folders) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
