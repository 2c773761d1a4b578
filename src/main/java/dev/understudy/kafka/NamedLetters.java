package dev.understudy.kafka;

import dev.understudy.kafka.DeadLetter.Place;
import java.util.Set;
import java.util.TreeSet;

/** Holds the letters of a topic against a selection, and knows which of the named ones were not met. */
final class NamedLetters {
    private final DeadLetterReplay.Selection selection;
    private final Set<Place> absent;
    private final Set<Place> unwanted = new TreeSet<>();

    NamedLetters(DeadLetterReplay.Selection selection) {
        this.selection = selection;
        this.absent = new TreeSet<>(selection.named());
    }

    /** Whether the selection wants that letter, which is the next one of the topic. */
    boolean want(DeadLetter letter) {
        boolean isNamed = absent.remove(letter.place());
        if (!isNamed && !selection.named().isEmpty()) {
            return false;
        }
        boolean wanted = selection.filter().test(letter);
        if (isNamed && !wanted) {
            unwanted.add(letter.place());
        }
        return wanted;
    }

    /**
     * To be called behind the last letter.
     *
     * @throws IllegalArgumentException if a named letter was not there, or is not wanted by the filter
     */
    void requireAll() {
        if (!absent.isEmpty()) {
            throw new IllegalArgumentException("there are no such letters: " + absent
                    + "; `dead-letters list --each` names those that are there. Nothing was sent");
        }
        if (!unwanted.isEmpty()) {
            throw new IllegalArgumentException("letters " + unwanted
                    + " are there, but are not of the stage, cause, topic or time that the options ask for: leave the"
                    + " options out, or these names. Nothing was sent");
        }
    }
}
