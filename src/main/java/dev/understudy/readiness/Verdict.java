package dev.understudy.readiness;

/** The decision. The names are those of the Avro enum. */
public enum Verdict {
    /** The evidence itself is broken or missing. */
    HOLD,
    /** Harm is proven: stop the candidate, or roll back when it serves. */
    REJECT,
    /** Not decided yet; lack of data neither promotes nor rolls back. */
    NOT_READY,
    /** The next stage may start. */
    READY
}
