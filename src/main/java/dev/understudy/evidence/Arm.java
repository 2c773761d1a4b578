package dev.understudy.evidence;

/** Whose answer the caller got. */
public enum Arm {
    PRODUCTION(0),
    CANDIDATE(1),
    /** A third version, or nobody. */
    OTHER(2);

    /** Place of the counter in evidence; part of the format. */
    final int slot;

    Arm(int slot) {
        this.slot = slot;
    }
}
