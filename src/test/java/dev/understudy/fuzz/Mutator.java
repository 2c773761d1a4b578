package dev.understudy.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Makes bad inputs of good ones: one to eight small damages each, more often few, which the random numbers decide. */
final class Mutator {
    private static final int MOST_DAMAGES = 8;
    private static final int LONGEST_RUN = 1 << 14;
    private static final int[] BYTES = {0, 1, 2, 0x20, 0x7f, 0x80, 0xfe, 0xff};
    /** As a number of a text, and as a length or a count in Avro's and protobuf's variable-length encoding. */
    private static final long[] NUMBERS = {
        -1, 0, 1, 127, 128, 65_536, Integer.MAX_VALUE, 1L << 31, 1L << 32, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE
    };

    /** Brackets, quotes and values of JSON and of YAML. */
    static final List<String> JSON = List.of(
            "{",
            "}",
            "[",
            "]",
            "{\"a\":",
            "\"",
            "\\",
            ",",
            ":",
            "null",
            "true",
            "1e999",
            "-1e-999",
            "NaN",
            "0x",
            "\n",
            "\uFEFF",
            "\\uD800",
            "\0",
            "- ",
            "&a ",
            "*a",
            "!!java.lang.Runtime ",
            "? ",
            "---\n",
            "|\n");

    private final List<byte[]> good;
    private final List<String> words;

    /** @param words that mean something to who reads, such as brackets; damages put them in, also many times over */
    Mutator(List<byte[]> good, List<String> words) {
        this.good = good;
        this.words = words;
    }

    byte[] next(SplittableRandom random) {
        byte[] bytes = one(random).clone();
        for (int damages = 1 + random.nextInt(1 + random.nextInt(MOST_DAMAGES)); damages > 0; damages--) {
            bytes = damaged(bytes, random);
        }
        return bytes;
    }

    private byte[] one(SplittableRandom random) {
        return good.get(random.nextInt(good.size()));
    }

    private byte[] damaged(byte[] bytes, SplittableRandom random) {
        int at = random.nextInt(bytes.length + 1);
        int end = Math.min(bytes.length, at + 1 + random.nextInt(16));
        return switch (random.nextInt(10)) {
            case 0, 9 -> {
                byte[] flipped = bytes.clone();
                if (at < flipped.length) {
                    flipped[at] ^= (byte) (1 << random.nextInt(8));
                }
                yield flipped;
            }
            case 1 -> {
                byte[] filled = bytes.clone();
                Arrays.fill(filled, at, end, (byte) BYTES[random.nextInt(BYTES.length)]);
                yield filled;
            }
            case 2 -> replaced(bytes, at, at, randomBytes(random));
            case 3 -> replaced(bytes, at, end, new byte[0]);
            case 4 -> Arrays.copyOf(bytes, at);
            case 5 -> replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
            case 6 -> {
                byte[] other = one(random);
                int from = random.nextInt(other.length + 1);
                yield replaced(bytes, at, bytes.length, Arrays.copyOfRange(other, from, other.length));
            }
            case 7 -> put(bytes, at, number(random), random);
            default -> put(bytes, at, word(random), random);
        };
    }

    /** In between, or over what stands there, which keeps announced lengths right. */
    private static byte[] put(byte[] bytes, int at, byte[] what, SplittableRandom random) {
        return replaced(bytes, at, random.nextBoolean() ? at : Math.min(bytes.length, at + what.length), what);
    }

    private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(bytes.length + by.length);
        all.write(bytes, 0, from);
        all.writeBytes(by);
        all.write(bytes, to, bytes.length - to);
        return all.toByteArray();
    }

    private static byte[] randomBytes(SplittableRandom random) {
        byte[] bytes = new byte[1 + random.nextInt(16)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] number(SplittableRandom random) {
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        return switch (random.nextInt(3)) {
            case 0 -> Long.toString(number).getBytes(StandardCharsets.UTF_8);
            case 1 -> variableLength(number);
            default -> variableLength((number << 1) ^ (number >> 63));
        };
    }

    private static byte[] variableLength(long number) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long left = number;
        while ((left & ~0x7fL) != 0) {
            bytes.write((int) ((left & 0x7f) | 0x80));
            left >>>= 7;
        }
        bytes.write((int) left);
        return bytes.toByteArray();
    }

    private byte[] word(SplittableRandom random) {
        String word = words.get(random.nextInt(words.size()));
        int times = random.nextInt(8) == 0 ? random.nextInt(LONGEST_RUN) : 1;
        return word.repeat(times).getBytes(StandardCharsets.UTF_8);
    }
}
