package dev.understudy.evaluate;

/** What to say of state and messages that this release cannot read. */
final class AnotherRelease {
    /** Follows what must be there and what was. */
    static final String BEGIN_ANEW =
            ": it was written by another release of Understudy; begin anew with another" + " kafka.application-prefix";

    private AnotherRelease() {}
}
