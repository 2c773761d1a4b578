package dev.understudy.app;

import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.DurationText;
import dev.understudy.flags.plan.ShareCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of a change.
 *
 * @param done in this order, for people
 * @param failures what is not done, or not as it should be; none where all is well
 * @param cause of the failures, where an exception tells more
 * @param byHand how to finish
 * @param check the shares as measured; empty where they were not
 * @param stage that was declared
 */
public record Applied(
        List<String> done,
        List<String> failures,
        Optional<Throwable> cause,
        List<String> byHand,
        Optional<ShareCheck> check,
        Optional<DeclaredStage> stage) {
    public Applied {
        done = List.copyOf(done);
        failures = List.copyOf(failures);
        byHand = List.copyOf(byHand);
    }

    /** Whether all is done and as it should be. */
    public boolean isComplete() {
        return failures.isEmpty();
    }

    /** Keeps the record while the change is made. */
    static final class Log {
        private final FlagRollout.Progress progress;
        private final List<String> done = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();
        private final List<String> byHand = new ArrayList<>();
        private @Nullable Throwable cause;
        private @Nullable ShareCheck check;
        private @Nullable DeclaredStage stage;

        Log(FlagRollout.Progress progress) {
            this.progress = progress;
        }

        void done(String what) {
            done.add(what);
            progress.done(what);
        }

        void declared(DeclaredStage declared) {
            stage = declared;
            done("Epoch " + declared.epoch() + ": " + declared.pair() + " at " + declared.percent() + " %, held for "
                    + DurationText.format(declared.hold()) + ".");
        }

        void measured(ShareCheck measured) {
            check = measured;
            measured.lines().forEach(line -> done("Measured: " + line + "."));
        }

        void failed(String what) {
            failures.add(what);
        }

        void failed(String what, Throwable why) {
            failed(what);
            cause = why;
        }

        void byHand(String what) {
            byHand.add(what);
        }

        Applied asApplied() {
            return new Applied(
                    done,
                    failures,
                    Optional.ofNullable(cause),
                    byHand,
                    Optional.ofNullable(check),
                    Optional.ofNullable(stage));
        }
    }
}
