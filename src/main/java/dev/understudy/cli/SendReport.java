package dev.understudy.cli;

import dev.understudy.domain.Counted;
import java.io.PrintWriter;

/** Tells people how the sending of a file goes: rows that were left out at once, progress now and then, the sum at the end. */
final class SendReport {
    private static final long PROGRESS_NANOS = 5_000_000_000L;

    private final String what;
    private final PrintWriter err;
    private long nextProgress = System.nanoTime() + PROGRESS_NANOS;
    private long sent;
    private long unreadable;

    /** @param what is sent, one of them */
    SendReport(String what, PrintWriter err) {
        this.what = what;
        this.err = err;
    }

    /** @param problem names the line */
    void unreadable(String problem) {
        unreadable++;
        err.println(problem + "; not sent");
    }

    void sent() {
        sent++;
        if (System.nanoTime() >= nextProgress) {
            nextProgress += PROGRESS_NANOS;
            err.println(Counted.of(sent, what) + " sent");
        }
    }

    long count() {
        return sent;
    }

    /** Prints the sum and returns the exit code. */
    int finish(Format format, PrintWriter out) {
        out.println(
                format == Format.JSON
                        ? "{\"sent\":" + sent + ",\"unreadable\":" + unreadable + "}"
                        : Counted.of(sent, what) + " sent"
                                + (unreadable == 0 ? "" : ", " + Counted.of(unreadable, "row") + " not readable"));
        return unreadable == 0 ? 0 : 1;
    }
}
