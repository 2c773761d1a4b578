package dev.understudy.evidence;

import java.util.ArrayList;
import java.util.List;

/**
 * The table of label names in full evidence: the {@link #MAX} smallest of all labels seen, sorted. A label that belongs to
 * the smallest of all belongs to the smallest of every part, so it is in the table from its first observation on and its
 * counts are complete; one that is pushed out goes to `other` with its counts. Hence the table and the confusion depend on
 * the observations alone, not on their order. Names longer than 64 characters are always `other`.
 */
final class Labels {
    static final int MAX = 16;
    /** Index of all labels that are not in the table. */
    static final int OTHER = MAX;

    private static final int MAX_LENGTH = 64;

    private Labels() {}

    /** Index of the label, {@link #OTHER}, or −1 − (where it has to be inserted). Reads the bytes in place. */
    static int find(byte[] bytes, String label) {
        if (label.length() > MAX_LENGTH) {
            return OTHER;
        }
        int count = bytes[PairLayout.LABELS];
        int at = PairLayout.LABELS + 1;
        for (int i = 0; i < count; i++) {
            int length = bytes[at];
            int order = compare(bytes, at + 1, length, label);
            if (order == 0) {
                return i;
            }
            if (order > 0) {
                return -1 - i;
            }
            at += 1 + 2 * length;
        }
        return count < MAX ? -1 - count : OTHER;
    }

    /** As {@link String#compareTo}. */
    private static int compare(byte[] bytes, int at, int length, String label) {
        int common = Math.min(length, label.length());
        for (int i = 0; i < common; i++) {
            int order = Flat.getUnsignedShort(bytes, at + 2 * i) - label.charAt(i);
            if (order != 0) {
                return order;
            }
        }
        return length - label.length();
    }

    static List<String> read(byte[] bytes) {
        int count = bytes[PairLayout.LABELS];
        int at = PairLayout.LABELS + 1;
        List<String> labels = new ArrayList<>(MAX);
        for (int i = 0; i < count; i++) {
            int length = bytes[at++];
            char[] chars = new char[length];
            for (int c = 0; c < length; c++) {
                chars[c] = (char) Flat.getUnsignedShort(bytes, at + 2 * c);
            }
            labels.add(new String(chars));
            at += 2 * length;
        }
        return labels;
    }

    /** Bytes of the table as it stands. */
    static int size(byte[] bytes) {
        int at = PairLayout.LABELS + 1;
        for (int i = 0; i < bytes[PairLayout.LABELS]; i++) {
            at += 1 + 2 * bytes[at];
        }
        return at - PairLayout.LABELS;
    }

    static int size(List<String> labels) {
        int size = 1;
        for (String label : labels) {
            size += 1 + 2 * label.length();
        }
        return size;
    }

    static void write(byte[] bytes, List<String> labels) {
        bytes[PairLayout.LABELS] = (byte) labels.size();
        int at = PairLayout.LABELS + 1;
        for (String label : labels) {
            bytes[at++] = (byte) label.length();
            for (int c = 0; c < label.length(); c++) {
                Flat.putShort(bytes, at, label.charAt(c));
                at += 2;
            }
        }
    }
}
