package dev.understudy.flags.unleash;

import dev.understudy.flags.HttpRefusal;
import io.getunleash.UnleashException;
import io.getunleash.event.ClientFeaturesResponse;
import io.getunleash.repository.FeatureFetcher;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the server, and knows how fresh the flags are. One thread looks; any may ask. */
final class FlagPoller {
    private static final Logger LOG = LoggerFactory.getLogger(FlagPoller.class);

    /** Takes what the server sent. */
    interface Taker {
        void take(String document) throws FlagDocumentException;
    }

    /** Why a look brought no flags; the status is 0 where there was no answer. */
    record Failure(String what, int httpStatus) {}

    /** Since when the flags may be out of date, and why. */
    record Stale(Instant since, String why) {}

    private record Look(Instant at, long nanos) {}

    private final String source;
    private final Supplier<FeatureFetcher> fetchers;
    private final Taker taker;
    private final Duration overdue;
    private final Clock clock;
    private FeatureFetcher fetcher;
    private volatile Look fresh;
    private volatile boolean answered;
    private volatile @Nullable Failure failure;

    /**
     * @param fetchers a fetcher remembers which document it saw last, also when that never arrived whole; so every
     *     failure is followed by a new one
     * @param overdue after which time without a look that succeeded the flags are stale, even if nothing failed
     */
    FlagPoller(String source, Supplier<FeatureFetcher> fetchers, Taker taker, Duration overdue, Clock clock) {
        this.source = source;
        this.fetchers = fetchers;
        this.taker = taker;
        this.overdue = overdue;
        this.clock = clock;
        this.fetcher = fetchers.get();
        this.fresh = now();
    }

    /** One look. Never throws: an exception would end the polling without a word. */
    void look() {
        try {
            ClientFeaturesResponse response = fetcher.fetchFeatures();
            switch (response.getStatus()) {
                case CHANGED -> {
                    taker.take(response.getClientFeatures().orElse(""));
                    succeeded();
                }
                case NOT_CHANGED -> succeeded();
                case UNAVAILABLE ->
                    failed(new Failure("HTTP " + response.getHttpStatusCode(), response.getHttpStatusCode()));
            }
        } catch (FlagDocumentException e) {
            failed(new Failure(e.why(), 0));
        } catch (UnleashException | UncheckedIOException e) {
            failed(new Failure(explain(e.getCause()), 0));
        } catch (RuntimeException e) {
            failed(new Failure("the look failed: " + e.getClass().getSimpleName(), 0));
        }
    }

    /** Whether any look brought flags. */
    boolean hasAnswered() {
        return answered;
    }

    /** What the last look found in place of flags. */
    Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }

    boolean isTokenRefused() {
        Failure failed = failure;
        return failed != null && HttpRefusal.isOfCredential(failed.httpStatus());
    }

    /** Whether somebody answers who will not send flags until a setting is changed, here or there. */
    boolean isRefused() {
        Failure failed = failure;
        return failed != null && HttpRefusal.isLasting(failed.httpStatus());
    }

    Optional<Stale> stale() {
        Look last = fresh;
        Failure failed = failure;
        if (failed != null) {
            return Optional.of(new Stale(last.at(), failed.what()));
        }
        return System.nanoTime() - last.nanos() > overdue.toNanos()
                ? Optional.of(new Stale(last.at(), "no answer"))
                : Optional.empty();
    }

    /** The flags in force are not from the server, which has not answered yet, but as old as that. */
    void beginWith(Instant age) {
        fresh = new Look(age, System.nanoTime());
        if (failure == null) {
            failure = new Failure("no answer", 0);
        }
    }

    private void succeeded() {
        fresh = now();
        answered = true;
        if (failure != null) {
            failure = null;
            LOG.info("Flags are fresh again, source={}", source);
        }
    }

    private void failed(Failure what) {
        fetcher = fetchers.get();
        if (failure == null) {
            LOG.warn("Flags may be out of date, source={} problem={}", source, what.what());
        }
        failure = what;
    }

    private Look now() {
        return new Look(clock.instant(), System.nanoTime());
    }

    /** The kind of the error only: an exception's own text could hold anything. */
    private static String explain(@Nullable Throwable cause) {
        if (cause instanceof ConnectException) {
            return "connection refused";
        }
        if (cause instanceof SocketTimeoutException) {
            return "no answer in time";
        }
        if (cause instanceof UnknownHostException) {
            return "unknown host";
        }
        return cause instanceof SSLException ? "TLS error" : "network error";
    }
}
