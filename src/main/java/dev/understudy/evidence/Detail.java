package dev.understudy.evidence;

/** How much a piece of evidence keeps. */
public enum Detail {
    /** Counts and what the gates need: for segments. */
    GATES((byte) 0),
    /** Also divergence, confusion and latency: for {@code all}. */
    FULL((byte) 1);

    /** Part of the format. */
    final byte code;

    Detail(byte code) {
        this.code = code;
    }
}
