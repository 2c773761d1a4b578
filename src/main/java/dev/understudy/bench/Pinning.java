package dev.understudy.bench;

import java.io.IOException;
import java.util.List;

/**
 * Gives the shadow path a core of its own, by {@code taskset}: what a candidate burns must not be mistaken for what it does
 * to production through Kafka or our code.
 *
 * @param productionPrefix runs a process of production
 * @param shadowPrefix runs a process of the shadow path
 */
record Pinning(List<String> productionPrefix, List<String> shadowPrefix) {
    /** Everybody shares all cores. */
    static Pinning none() {
        return new Pinning(List.of(), List.of());
    }

    /**
     * The last core for SHADOW and EVALUATE, the others for production.
     *
     * @throws IllegalArgumentException if this machine has a single core, or no {@code taskset}
     */
    static Pinning ofThisMachine() {
        int cores = Runtime.getRuntime().availableProcessors();
        if (cores < 2) {
            throw new IllegalArgumentException("a single core cannot be shared out; give --no-pin");
        }
        Pinning pinning = new Pinning(
                List.of("taskset", "-c", cores == 2 ? "0" : "0-" + (cores - 2)),
                List.of("taskset", "-c", Integer.toString(cores - 1)));
        run(List.of("taskset", "--version"));
        return pinning;
    }

    /** A process that runs already, with all its threads. */
    void pinProduction(long pid) {
        if (!productionPrefix.isEmpty()) {
            run(List.of("taskset", "-acp", productionPrefix.get(2), Long.toString(pid)));
        }
    }

    private static void run(List<String> command) {
        try {
            int code = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException(String.join(" ", command) + " exited with " + code);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("'taskset' is needed to give the shadow path a core; give --no-pin", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }
}
