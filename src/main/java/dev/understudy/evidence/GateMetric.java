package dev.understudy.evidence;

/** A paired difference d in [-1, 1], oriented so that positive means that the candidate is better. */
public enum GateMetric {
    /** e_p − e_c over all requests that the candidate was to answer: 1 when only production failed, −1 when only the candidate did. */
    ERRORS,
    /** −1 when the labels differ, else 0. */
    FLIPS,
    /** −|c − p| of two probabilities. */
    SCORE_SHIFT
}
