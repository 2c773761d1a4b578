package dev.understudy.evaluate;

import java.util.Locale;

/** The topics that EVALUATE reads. */
public enum InputTopic {
    COMPARISONS(0),
    PREDICTIONS(1),
    OUTCOMES(2);

    private final int place;

    InputTopic(int place) {
        this.place = place;
    }

    /** For people. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its place where something is kept of each; part of the format in the stores. */
    int place() {
        return place;
    }
}
