package dev.understudy.flags.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What one look at a file showed. Compared by content: neither times nor links tell reliably that a file changed. */
sealed interface Sighting {
    int LIMIT_BYTES = 1 << 20;

    record Content(String text) implements Sighting {}

    /**
     * Nothing could be read.
     *
     * @param why what is wrong and what would be right
     * @param reached whether there is a file, and what is in it is wrong
     */
    record Unreadable(String why, boolean reached) implements Sighting {}

    static Sighting of(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(LIMIT_BYTES + 1);
            if (bytes.length > LIMIT_BYTES) {
                return new Unreadable("is longer than 1 MiB; is it the flag file?", true);
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return new Content(text.startsWith("\uFEFF") ? text.substring(1) : text);
        } catch (CharacterCodingException e) {
            return new Unreadable("is not UTF-8; save it as UTF-8 text", true);
        } catch (NoSuchFileException e) {
            return new Unreadable("does not exist; create it or correct flags.file", false);
        } catch (AccessDeniedException e) {
            return new Unreadable("may not be read by this process; allow it to", true);
        } catch (IOException e) {
            return new Unreadable("cannot be read (" + e.getMessage() + "); it must be a text file", false);
        }
    }
}
