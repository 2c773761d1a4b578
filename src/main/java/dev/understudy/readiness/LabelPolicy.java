package dev.understudy.readiness;

/** How outcomes relate to the answer that was served. */
public enum LabelPolicy {
    /** Outcomes come whatever was served, so both versions can be held against them. */
    INDEPENDENT,
    /**
     * The served answer decides whether or which outcome is seen (a declined payment has none), so paired accuracy is
     * biased and only shown; the business values of the served arms decide.
     */
    CENSORED
}
