package dev.understudy.readiness;

/** Answer of a gate. The names are those of the Avro enum. */
public enum GateStatus {
    /** The lower bound lies above the margin. */
    PASS,
    /** Harm is proven. */
    FAIL,
    /** Enough data to judge, but neither is proven. */
    UNDECIDED,
    /** Too little data to trust any bound. */
    INSUFFICIENT
}
