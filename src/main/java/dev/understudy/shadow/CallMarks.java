package dev.understudy.shadow;

import dev.understudy.domain.ModelVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in a file which versions are being called right now, so that a process that was taken down by a candidate leaves
 * behind which one it was. One line of fixed length for each call in flight; what is written to a file outlives the
 * process without being forced to the disk. Used by all stream threads at once.
 *
 * <p>Where the file cannot be written, calls go on unmarked and the log says so: that is no candidate's fault.
 */
final class CallMarks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CallMarks.class);
    private static final int LINE = 128;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final Path file;
    private final FileChannel channel;
    private final Set<ModelVersion> left;
    private final BitSet usedLines = new BitSet();
    /** Lines whose call ended in a way that ends the process. */
    private final BitSet keptLines = new BitSet();

    private boolean closed;
    private boolean failing;

    /** A call in flight. */
    interface Mark {
        /** The call is over. */
        void end();

        /** The call ended, and the process is going to end of it: the mark stays. */
        void keep();
    }

    private CallMarks(Path file, FileChannel channel, Set<ModelVersion> left) {
        this.file = file;
        this.channel = channel;
        this.left = left;
    }

    /**
     * Opens the file, which belongs to this process until it ends.
     *
     * @param patience how long to wait for another process that has it, such as one that is just ending
     * @throws IllegalStateException if another process still has it then
     */
    static CallMarks open(Path file, Duration patience) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!lock(channel, patience)) {
                channel.close();
                throw new IllegalStateException(file + " belongs to another shadow process that runs now; give each its"
                        + " own kafka.state-directory");
            }
            return new CallMarks(file, channel, read(channel));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be opened; kafka.state-directory must be writable", e);
        }
    }

    /** Versions that the process before this one was calling when it ended; in the file until {@link #begin}. */
    Set<ModelVersion> left() {
        return left;
    }

    /** Removes the marks of the process before this one: what they say is kept elsewhere now. */
    synchronized void forgetLeft() {
        truncate();
    }

    /** Marks a call by this thread. */
    synchronized Mark begin(ModelVersion version) {
        int line = usedLines.nextClearBit(0);
        usedLines.set(line);
        write(line, version.name());
        return new Mark() {
            @Override
            public void end() {
                CallMarks.this.end(line);
            }

            @Override
            public void keep() {
                CallMarks.this.keep(line);
            }
        };
    }

    private synchronized void end(int line) {
        write(line, "");
        usedLines.clear(line);
    }

    private synchronized void keep(int line) {
        keptLines.set(line);
    }

    /** Removes all marks, and makes no more: whose fault the end of the process is going to be is known. */
    synchronized void clear() {
        closed = true;
        truncate();
    }

    /** An orderly end is no death: calls that are still being made did not cause it. */
    @Override
    public synchronized void close() {
        for (int line = usedLines.nextSetBit(0); line >= 0; line = usedLines.nextSetBit(line + 1)) {
            if (!keptLines.get(line)) {
                write(line, "");
            }
        }
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be closed", e);
        }
    }

    private void truncate() {
        try {
            channel.truncate(0);
        } catch (IOException e) {
            LOG.error("stage=shadow marks of calls cannot be removed from {}", file, e);
        }
    }

    private void write(int line, String text) {
        if (closed) {
            return;
        }
        byte[] padded = new byte[LINE];
        Arrays.fill(padded, (byte) ' ');
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, padded, 0, bytes.length);
        padded[LINE - 1] = '\n';
        ByteBuffer buffer = ByteBuffer.wrap(padded);
        try {
            for (long at = (long) line * LINE; buffer.hasRemaining(); ) {
                at += channel.write(buffer, at);
            }
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                LOG.error(
                        "stage=shadow {} cannot be written: should a candidate take this process down, it is not known"
                                + " which",
                        file,
                        e);
            }
            failing = true;
        }
    }

    private static boolean lock(FileChannel channel, Duration patience) throws IOException {
        long start = System.nanoTime();
        while (!tryLock(channel)) {
            if (System.nanoTime() - start >= patience.toNanos()
                    || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return true;
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Lines that are no version, such as one that was not written to its end, say nothing. */
    private static Set<ModelVersion> read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), 1 << 20));
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
            // A read may give less than there is.
        }
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        Set<ModelVersion> versions = new LinkedHashSet<>();
        text.lines()
                .map(line -> ModelVersion.parse(line.strip()))
                .flatMap(Optional::stream)
                .forEach(versions::add);
        return versions;
    }
}
