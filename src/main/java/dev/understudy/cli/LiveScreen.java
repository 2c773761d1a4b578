package dev.understudy.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/** A text that is drawn over itself while it changes, where a person looks at a terminal. */
final class LiveScreen {
    private final @Nullable PrintWriter terminal;

    private LiveScreen(@Nullable PrintWriter terminal) {
        this.terminal = terminal;
    }

    /** Live if it is wanted and a person looks at a terminal. */
    static LiveScreen on(PrintWriter terminal, boolean wanted) {
        return new LiveScreen(wanted && Ansi.AUTO.enabled() ? terminal : null);
    }

    boolean isLive() {
        return terminal != null;
    }

    void show(String text) {
        if (terminal == null) {
            return;
        }
        // Home, each line cleared to its end, and what is below: nothing stale is left, whatever was printed between.
        terminal.print(
                "\u001b[H" + text.replace(System.lineSeparator(), "\u001b[K" + System.lineSeparator()) + "\u001b[J");
        terminal.flush();
    }
}
