package dev.understudy.evidence;

/** Whose answer the caller got. */
public enum Arm {
    PRODUCTION,
    CANDIDATE,
    /** A third version, or nobody. */
    OTHER
}
