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
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Says in a file which versions are being called right now, so that a process that was taken down by a candidate leaves
 * behind which one it was. One line of fixed length for each call in flight; what is written to a file outlives the
 * process without being forced to the disk.
 */
final class CallMarks implements AutoCloseable {
    private static final int LINE = 128;

    private final Path file;
    private final FileChannel channel;
    private final Set<ModelVersion> left;
    private final Deque<Integer> freeLines = new ArrayDeque<>();
    private int lines;

    /** A call in flight. */
    interface Mark {
        /** The call is over. */
        void end();
    }

    private CallMarks(Path file, FileChannel channel, Set<ModelVersion> left) {
        this.file = file;
        this.channel = channel;
        this.left = left;
    }

    /**
     * Opens the file, which belongs to this process until it ends.
     *
     * @throws IllegalStateException if another process has it
     */
    static CallMarks open(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!lock(channel)) {
                channel.close();
                throw new IllegalStateException(file + " belongs to another shadow process that runs now; give each its"
                        + " own kafka.state-directory");
            }
            Set<ModelVersion> left = read(channel);
            channel.truncate(0);
            return new CallMarks(file, channel, left);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be opened; kafka.state-directory must be writable", e);
        }
    }

    /** Versions that the process before this one was calling when it ended. */
    Set<ModelVersion> left() {
        return left;
    }

    /** Marks a call by this thread. */
    Mark begin(ModelVersion version) {
        int line;
        synchronized (freeLines) {
            line = freeLines.isEmpty() ? lines++ : freeLines.pop();
        }
        write(line, version.name());
        return () -> {
            write(line, "");
            synchronized (freeLines) {
                freeLines.push(line);
            }
        };
    }

    /** Removes all marks: whose fault the end of the process is going to be is known. */
    void clear() {
        try {
            channel.truncate(0);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be closed", e);
        }
    }

    private void write(int line, String text) {
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
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
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
