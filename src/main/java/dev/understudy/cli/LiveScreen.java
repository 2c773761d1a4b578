package dev.understudy.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/** A text that is drawn over itself while it changes, where a person looks at a terminal. */
final class LiveScreen {
    private final @Nullable PrintWriter terminal;
    private long drawnLines;

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
        if (drawnLines > 0) {
            terminal.printf("\u001b[%dA\u001b[J", drawnLines);
        }
        terminal.print(text);
        terminal.flush();
        drawnLines = text.lines().count();
    }
}
