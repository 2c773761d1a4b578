package dev.understudy.process;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * What ties a child JVM to its parent: the child's standard input. The parent never writes to it; it ends when the
 * parent closes it or dies, however it dies, and then the child exits, so that none is orphaned.
 */
public final class LifeLine {
    private LifeLine() {}

    /**
     * Exits this JVM with code 0 once {@code in} ends. Shutdown hooks run; if they take longer than {@code grace}, the
     * JVM is halted. Call it first in {@code main}: a parent may die while its child is still starting.
     *
     * <p>From then on the JVM ignores SIGINT and SIGHUP: a terminal sends Ctrl-C to parent and children at once, and
     * children that end first leave a parent that cannot finish its work in order.
     */
    public static void exitWhenCut(InputStream in, Duration grace) {
        ignore("INT");
        ignore("HUP");
        Thread watcher = new Thread(
                () -> {
                    awaitEnd(in);
                    haltAfter(grace);
                    System.exit(0);
                },
                "life-line");
        watcher.setDaemon(true);
        watcher.start();
    }

    /** By reflection, because the compiler warns about {@code sun.misc.Signal}; Java has nothing else for it. */
    private static void ignore(String signal) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ignored = handler.getField("SIG_IGN").get(null);
            type.getMethod("handle", type, handler)
                    .invoke(null, type.getConstructor(String.class).newInstance(signal), ignored);
        } catch (ReflectiveOperationException e) {
            // A system that does not know the signal: the child then ends at Ctrl-C together with its parent.
        }
    }

    private static void awaitEnd(InputStream in) {
        byte[] ignored = new byte[256];
        try {
            while (in.read(ignored) >= 0) {
                // Whatever a parent writes has no meaning; only the end has.
            }
        } catch (IOException e) {
            // A pipe that cannot be read any more has ended as well.
        }
    }

    private static void haltAfter(Duration grace) {
        Thread halt = new Thread(
                () -> {
                    try {
                        Thread.sleep(grace.toMillis());
                    } catch (InterruptedException e) {
                        // Nobody interrupts this thread; if somebody does, halting at once is the safe side.
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(0);
                },
                "life-line-halt");
        halt.setDaemon(true);
        halt.start();
    }
}
