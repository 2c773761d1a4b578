package dev.understudy.model.onnx;

import dev.understudy.domain.FileProblem;
import dev.understudy.model.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files of one version, as they were when they were read: what is scored is what was hashed.
 *
 * @param bytes the model; null where it is read by ONNX Runtime from its path, because of weights in other files
 * @param sha256 of the model file, or of the model file followed by its external weights in the order of their names
 */
record ModelFiles(Path model, byte @Nullable [] bytes, OnnxFile graph, ModelCard card, String sha256, long sizeBytes) {
    private static final String CARD = "model.yaml";
    /** Many times what names of features need. */
    private static final long LARGEST_CARD = 1 << 20;

    /** What a byte array can hold. */
    private static final int LARGEST = Integer.MAX_VALUE - 16;

    /** Reads the model file and the card beside it; both must be below the directory that holds them. */
    static ModelFiles read(Path model) throws ModelException {
        return read(model, folderOf(model));
    }

    /** The same where links may lead to anywhere below the given directory, as mounted volumes have it. */
    static ModelFiles read(Path model, Path within) throws ModelException {
        try {
            Path root = within.toRealPath();
            requireInside(model, root);
            if (!Files.isRegularFile(model)) {
                throw new ModelException(model + " is not a file; an ONNX model is expected there");
            }
            Path cardFile = folderOf(model).resolve(CARD);
            ModelCard card = ModelCard.empty();
            if (Files.exists(cardFile)) {
                requireInside(cardFile, root);
                if (Files.size(cardFile) > LARGEST_CARD) {
                    throw new ModelException(cardFile + " has " + Files.size(cardFile) + " bytes; at most "
                            + LARGEST_CARD + " are read, which is many times what names of features need");
                }
                card = ModelCard.read(cardFile);
            }
            long size = Files.size(model);
            if (size == 0) {
                throw new ModelException(model + " is empty; an ONNX model is expected there");
            }
            if (size > LARGEST) {
                throw new ModelException(model + " has " + size
                        + " bytes; at most 2 GiB are possible, keep larger weights in external files");
            }
            byte[] bytes = Files.readAllBytes(model);
            OnnxFile graph = parse(model, ByteBuffer.wrap(bytes));
            List<Path> external = external(model, graph, root);
            for (Path file : external) {
                size += Files.size(file);
            }
            String sha256 = sha256(ByteBuffer.wrap(bytes), external);
            Optional<String> expected = card.sha256();
            if (expected.isPresent() && !expected.get().equals(sha256)) {
                throw new ModelException(model + " has the SHA-256 " + sha256 + ", but " + cardFile.getFileName()
                        + " says " + expected.get() + ": the file is not the one that the card describes");
            }
            return new ModelFiles(model, external.isEmpty() ? bytes : null, graph, card, sha256, size);
        } catch (IOException unreadable) {
            throw new ModelException(model + " cannot be read: " + FileProblem.of(model, unreadable), unreadable);
        }
    }

    /** What {@link #read} would say of the files, found without their bytes on the heap. */
    static String sha256(Path model, Path within) throws ModelException {
        try (FileChannel channel = FileChannel.open(model)) {
            Path root = within.toRealPath();
            requireInside(model, root);
            ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, Math.min(channel.size(), LARGEST));
            return sha256(mapped, external(model, parse(model, mapped.duplicate()), root));
        } catch (IOException unreadable) {
            throw new ModelException(model + " cannot be read: " + unreadable, unreadable);
        }
    }

    private static OnnxFile parse(Path model, ByteBuffer bytes) throws ModelException {
        return OnnxFile.parse(bytes)
                .orElseThrow(() -> new ModelException(model
                        + " cannot be loaded: it is no ONNX file, or not a whole one, or nested too deeply. A complete"
                        + " ONNX file is expected"));
    }

    /** The files beside the model that hold weights; a link among them may lead to anywhere below the root. */
    private static List<Path> external(Path model, OnnxFile graph, Path root) throws IOException, ModelException {
        List<Path> external = new ArrayList<>();
        for (String location : graph.externalFiles()) {
            Path file = beside(model, location)
                    .orElseThrow(() -> new ModelException(model + " keeps weights in '" + location
                            + "'; the name of a file in the directory of the model is expected, without '..'"));
            if (!Files.isRegularFile(file)) {
                throw new ModelException(
                        model + " keeps weights in '" + location + "', which does not exist; copy it beside the model");
            }
            requireInside(file, root);
            external.add(file);
        }
        return external;
    }

    private static Optional<Path> beside(Path model, String location) {
        try {
            Path relative = Path.of(location);
            boolean leaves =
                    relative.isAbsolute() || relative.startsWith("..") || !relative.equals(relative.normalize());
            return leaves ? Optional.empty() : Optional.of(folderOf(model).resolve(relative));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        if (folder == null) {
            throw new IllegalArgumentException(file + " is in no directory");
        }
        return folder;
    }

    private static void requireInside(Path file, Path root) throws IOException, ModelException {
        Path real = file.toRealPath();
        if (!real.startsWith(root)) {
            throw new ModelException(file + " leads to " + real + ", which is outside " + root
                    + "; keep a version's files in its directory");
        }
    }

    private static String sha256(ByteBuffer bytes, List<Path> external) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
        digest.update(bytes);
        for (Path file : external) {
            try (InputStream in = Files.newInputStream(file)) {
                byte[] chunk = new byte[1 << 16];
                for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                    digest.update(chunk, 0, read);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
