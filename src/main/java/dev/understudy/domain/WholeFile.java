package dev.understudy.domain;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that are replaced in one step: whoever reads sees the old or the new one, also after a loss of power. */
public final class WholeFile {
    private static final Set<StandardOpenOption> AFRESH =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private WholeFile() {}

    /**
     * Replaces the file, by way of one beside it whose name ends in {@code .new}. Owner, group and permissions stay those
     * of the old file where the file system is POSIX; access control lists beyond them do not.
     *
     * @throws IOException also where the new file may not be given to the owner and group of the old one; then the old
     *     one stays
     */
    public static void write(Path file, String text) throws IOException {
        write(file, text, false);
    }

    /** As {@link #write}; a file that was not there yet can be read and written by its owner alone. */
    public static void writePrivate(Path file, String text) throws IOException {
        write(file, text, true);
    }

    /**
     * Makes a new file that its owner alone can read and write.
     *
     * @throws IOException also where it is there already
     */
    public static void createPrivate(Path file, byte[] content) throws IOException {
        fill(file, ByteBuffer.wrap(content), isPosix(file));
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static void write(Path file, String text, boolean isPrivate) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        boolean isPosix = isPosix(file);
        boolean isThere = Files.exists(file);
        Files.deleteIfExists(draft); // of a process that was killed
        try {
            fill(draft, StandardCharsets.UTF_8.encode(text), isPosix && (isPrivate || isThere));
            if (isPosix && isThere) {
                handOver(draft, file);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            try {
                Files.deleteIfExists(draft);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    private static void fill(Path draft, ByteBuffer bytes, boolean isPrivate) throws IOException {
        try (FileChannel channel =
                isPrivate ? FileChannel.open(draft, AFRESH, OWNER_ONLY) : FileChannel.open(draft, AFRESH)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true); // or a loss of power could leave half of it under its final name
        }
    }

    private static void handOver(Path draft, Path file) throws IOException {
        PosixFileAttributes old = Files.readAttributes(file, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(draft, PosixFileAttributeView.class);
        PosixFileAttributes fresh = view.readAttributes();
        try {
            if (!fresh.group().equals(old.group())) {
                view.setGroup(old.group());
            }
            if (!fresh.owner().equals(old.owner())) {
                view.setOwner(old.owner());
            }
        } catch (FileSystemException e) {
            FileSystemException refusal = new FileSystemException(
                    file.toString(),
                    null,
                    "it belongs to " + old.owner() + ":" + old.group() + ", and its successor, made by " + fresh.owner()
                            + ", cannot be given to them; run this as " + old.owner() + " or as root");
            refusal.initCause(e);
            throw refusal;
        }
        view.setPermissions(old.permissions()); // last: a change of the owner can take some of them away
    }
}
