package dev.understudy.domain;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Properties;
import java.util.zip.InflaterInputStream;

/** Bytes that an earlier build left behind, in files, stores and topics that outlive a process. */
public final class GoldenBytes {
    private static final Path FILE = Path.of("src/test/resources/golden/earlier-builds.properties");
    private static final HexFormat HEX = HexFormat.of();

    private GoldenBytes() {}

    /** The bytes of that name. */
    public static byte[] of(String name) {
        Properties fixtures = new Properties();
        try (Reader in = Files.newBufferedReader(FILE)) {
            fixtures.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + " cannot be read", e);
        }
        String hex = fixtures.getProperty(name);
        if (hex == null) {
            throw new AssertionError(FILE + " has no bytes named " + name);
        }
        return HEX.parseHex(hex);
    }

    private static byte[] inflated(String name) {
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(of(name)))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " is not compressed", e);
        }
    }

    /** Fails where today's code writes the same thing in other bytes. */
    public static void assertWrittenAsBefore(String name, byte[] today) {
        assertSame(name, of(name), today);
    }

    /** As {@link #assertWrittenAsBefore}, for bytes that are kept compressed; those of before are what is given back. */
    public static byte[] assertInflatedWrittenAsBefore(String name, byte[] today) {
        byte[] before = inflated(name);
        assertSame(name, before, today);
        return before;
    }

    private static void assertSame(String name, byte[] before, byte[] today) {
        if (!Arrays.equals(before, today)) {
            throw new AssertionError(name + " is written otherwise than by the build that wrote " + FILE
                    + ". What that build wrote outlives an upgrade, so the format has changed without a new version: raise"
                    + " its version (where it has none, give it one, or another key), read the one before or refuse it with"
                    + " an instruction, and add what is written now under a name of its own, leaving the old bytes as they"
                    + " are. Written now: " + HEX.formatHex(today));
        }
    }
}
