package dev.understudy.domain;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody probably meant. */
public final class Suggestion {
    private Suggestion() {}

    /** The known name with the fewest edits from the given one, if it is close enough to be a slip of the pen. */
    public static Optional<String> nearest(String given, Collection<String> known) {
        int most = Math.max(2, given.length() / 3);
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String name : known) {
            if (Math.abs(given.length() - name.length()) > most) {
                continue; // it takes as many edits at least, and a name may be a megabyte long
            }
            int distance = edits(given.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                best = name;
                bestDistance = distance;
            }
        }
        return bestDistance <= most ? Optional.ofNullable(best) : Optional.empty();
    }

    /** The same as the end of a sentence that another one follows: {@code "; did you mean 'x'?"}, or a full stop. */
    public static String orFullStop(String given, Collection<String> known) {
        String suggestion = didYouMean(given, known);
        return suggestion.isEmpty() ? "." : suggestion;
    }

    /** The same as the end of a message: {@code "; did you mean 'x'?"}, or nothing. */
    public static String didYouMean(String given, Collection<String> known) {
        return nearest(given, known)
                .map(name -> "; did you mean '" + name + "'?")
                .orElse("");
    }

    // Levenshtein's distance, one row at a time.
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
