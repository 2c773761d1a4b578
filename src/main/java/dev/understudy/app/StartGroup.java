package dev.understudy.app;

import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.model.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Starts several things at once and waits for all of them, or for the first that fails. */
final class StartGroup {
    private final List<CompletableFuture<Void>> starts = new ArrayList<>();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();

    /** Starts something, for as long as that takes. */
    interface Start {
        void run() throws ModelException, FlagsUnavailableException;
    }

    /** Begins a start in a thread of its own. */
    void add(String name, Start start) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        starts.add(done);
        Thread thread = new Thread(
                () -> {
                    try {
                        start.run();
                        done.complete(null);
                    } catch (Throwable e) { // for whoever waits; nobody else would hear of it
                        failure.completeExceptionally(e);
                    }
                },
                "start-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Ends the wait when something that runs already ends.
     *
     * @param why throws the reason; where it does not, the end was in order, and {@link #await} returns
     */
    void endWith(CompletableFuture<Void> ended, Runnable why) {
        CompletableFuture<Void> unused = ended.thenRun(why).whenComplete((nothing, thrown) -> {
            if (thrown == null) {
                failure.complete(null);
            } else {
                failure.completeExceptionally(thrown);
            }
        });
    }

    /** Returns when all have started; throws what the first one threw that has not. */
    void await() throws ModelException, FlagsUnavailableException {
        try {
            CompletableFuture.anyOf(CompletableFuture.allOf(starts.toArray(CompletableFuture[]::new)), failure)
                    .join();
        } catch (CompletionException e) {
            throw unwrapped(e);
        }
    }

    private static RuntimeException unwrapped(CompletionException thrown)
            throws ModelException, FlagsUnavailableException {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof ModelException model) {
            throw model;
        }
        if (cause instanceof FlagsUnavailableException flags) {
            throw flags;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException runtime ? runtime : thrown;
    }
}
