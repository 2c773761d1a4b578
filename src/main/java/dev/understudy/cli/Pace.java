package dev.understudy.cli;

import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How fast a file is sent. */
final class Pace {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--rate", defaultValue = "0", description = "Rows a second; 0 for as fast as it goes.")
    private int rate;

    private long begin;

    /** Refuses a rate that is none. */
    void check() {
        if (rate < 0) {
            throw new ParameterException(spec.commandLine(), "--rate must be 0 or more, was " + rate);
        }
    }

    /** Waits until the next row is due; the clock starts with the first. */
    void await(long sent) {
        if (sent == 0) {
            begin = System.nanoTime();
        }
        if (rate > 0) {
            long due = begin + sent * 1_000_000_000L / rate;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }
}
