package dev.understudy.flags;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Flags could not be made ready. The message names the source, what is missing and what would be right. */
public final class FlagsUnavailableException extends Exception {
    private static final long serialVersionUID = 1;

    private final @Nullable String unreached;

    public FlagsUnavailableException(String message) {
        super(message);
        this.unreached = null;
    }

    public FlagsUnavailableException(String message, Throwable cause) {
        super(message, cause);
        this.unreached = null;
    }

    private FlagsUnavailableException(String source, String message) {
        super(message);
        this.unreached = source;
    }

    /**
     * The source could not be reached, and may be later.
     *
     * @param source vendor and place, for people
     * @param problem goes on from the source: {@code "sent no flags within 10s ..."}
     */
    public static FlagsUnavailableException unreached(String source, String problem) {
        return new FlagsUnavailableException(source, source + " " + problem);
    }

    /**
     * The source that could not be reached. Empty where it answered and there is something to be put right, such as a
     * credential that it refuses or flags that it lacks.
     */
    public Optional<String> unreached() {
        return Optional.ofNullable(unreached);
    }
}
