package dev.understudy.evidence;

/** A paired difference d in [-1, 1], oriented so that positive means that the candidate is better. */
public enum GateMetric {
    /** e_p − e_c over all requests that the candidate was to answer: 1 when only production failed, −1 when only the candidate did. */
    ERRORS,
    /** −1 when the labels differ, else 0. */
    FLIPS,
    /** −|c − p| of two probabilities. */
    SCORE_SHIFT,
    /** 1{T_p &gt; τ} − 1{T_c &gt; (1+m)·τ} per like-for-like batch; a failed call exceeds. */
    TAIL_LATENCY,
    /** clamp(ln(T_p/T_c), ±ln 10)/ln 10 per like-for-like batch in which neither failed. */
    TYPICAL_LATENCY,
    /** k_c − k_p, where k is 1 for a label that was right. */
    ACCURACY,
    /** (p−y)² − (c−y)² of two probabilities; for more than two classes ½Σ(p_k − 1{y=k})² − ½Σ(c_k − 1{y=k})². */
    BRIER,
    /** Regression: clamp((|p−y| − |c−y|)/bound, ±1). */
    ABSOLUTE_ERROR
}
