package dev.understudy.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Feeds what reads foreign input with damaged good input, and holds it to what it documents: an input is taken, or refused
 * by an exception that is documented, with a message, in bounded time and memory. Each input follows from the seed and
 * its number alone; one at fault is kept below {@code target/fuzz}.
 */
public final class Fuzz {
    /** System property: inputs for each target. The Maven profile {@code fuzz} raises it. */
    private static final String INPUTS = "fuzz.inputs";

    private static final long SEED = 20_261_127;
    private static final Duration LONGEST = Duration.ofSeconds(30);
    /** Of all that is allocated, most is garbage at once. */
    private static final long MOST_BYTES = 32L << 20;

    private static final long MOST_BYTES_PER_BYTE = 4096;
    private static final Path KEPT = Path.of("target", "fuzz");

    /** Brackets, quotes and values of JSON and of YAML. */
    public static final List<String> JSON = Mutator.JSON;

    private final String target;
    private final Mutator mutator;
    private final Set<Class<? extends Exception>> documented;

    // Written by the thread that feeds, read by the one that waits for it.
    private volatile long number = -1;
    private volatile long since = System.nanoTime();
    private volatile byte[] input = new byte[0];
    private volatile @Nullable AssertionError fault;

    private long accepted;
    private long refused;
    private long longestNanos;
    private long mostBytes;

    /** What is fed. */
    @FunctionalInterface
    public interface Target {
        /** Takes the input, or throws. */
        void read(byte[] input) throws Exception;
    }

    private Fuzz(String target, List<byte[]> good, List<String> words, Set<Class<? extends Exception>> documented) {
        this.target = target;
        this.mutator = new Mutator(good, words);
        this.documented = documented;
    }

    /**
     * A target.
     *
     * @param good inputs that are taken
     * @param words that mean something to who reads, such as brackets
     * @param documented what may refuse an input
     */
    public static Fuzz of(
            String target, List<byte[]> good, List<String> words, Set<Class<? extends Exception>> documented) {
        return new Fuzz(target, good, words, documented);
    }

    /** How many inputs a target gets. */
    public static long inputs() {
        return Long.getLong(INPUTS, 500);
    }

    /** The input of that number, the same in every run. */
    public byte[] input(long of) {
        return mutator.next(new SplittableRandom(SEED + of));
    }

    /** Feeds all inputs, and prints how many were taken and refused. */
    public void run(Target reader) throws InterruptedException {
        Thread feeding = new Thread(() -> feed(reader), "fuzz-" + target);
        feeding.setDaemon(true);
        feeding.start();
        while (feeding.isAlive()) {
            feeding.join(100);
            if (feeding.isAlive() && System.nanoTime() - since > LONGEST.toNanos()) {
                StackTraceElement[] where = feeding.getStackTrace();
                AssertionError hangs = failed("takes longer than " + LONGEST, null);
                hangs.setStackTrace(where);
                throw hangs;
            }
        }
        if (fault != null) {
            throw fault;
        }
        report(accepted, refused, "longest " + longestNanos / 1_000_000 + " ms, most " + mostBytes / 1024 + " KiB");
    }

    /** Prints the line of a target. */
    public void report(long taken, long notTaken, String more) {
        System.out.printf(
                "fuzz %-22s seed %d: %,d inputs, %,d accepted, %,d refused, %s%n",
                target, SEED, taken + notTaken, taken, notTaken, more);
    }

    private void feed(Target reader) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try {
            for (long i = 0; i < inputs(); i++) {
                input = input(i);
                number = i;
                since = System.nanoTime();
                long before = threads.getCurrentThreadAllocatedBytes();
                boolean taken = isTaken(reader);
                long bytes = threads.getCurrentThreadAllocatedBytes() - before;
                longestNanos = Math.max(longestNanos, System.nanoTime() - since);
                mostBytes = Math.max(mostBytes, bytes);
                if (bytes > MOST_BYTES + MOST_BYTES_PER_BYTE * input.length) {
                    throw failed("allocates " + bytes + " bytes", null);
                }
                if (taken) {
                    accepted++;
                } else {
                    refused++;
                }
            }
        } catch (AssertionError e) {
            fault = e;
        } catch (Throwable e) { // of this class itself
            fault = new AssertionError("cannot be fed", e);
        }
    }

    private boolean isTaken(Target reader) {
        try {
            reader.read(input);
            return true;
        } catch (Throwable e) {
            if (documented.stream().noneMatch(known -> known.isInstance(e))) {
                throw failed("is refused by what is not documented: " + e, e);
            }
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw failed("is refused without a word", e);
            }
            return false;
        }
    }

    /** Says which input is at fault and keeps it. */
    public AssertionError failed(String what, @Nullable Throwable cause) {
        return failed(number, input, what, cause);
    }

    /** The same of an input that another process was fed with. */
    public AssertionError failed(long of, byte[] bytes, String what, @Nullable Throwable cause) {
        Path kept = KEPT.resolve(target.replaceAll("\\W+", "-") + "-" + of);
        try {
            Files.createDirectories(KEPT);
            Files.write(kept, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new AssertionError(
                "input " + of + " of " + target + " (seed " + SEED + ", kept as " + kept + ") " + what
                        + "; it begins with " + Arrays.toString(Arrays.copyOf(bytes, Math.min(bytes.length, 64))),
                cause);
    }
}
