package dev.understudy.domain;

/** Why a flag chose a version, normalised over flag systems. The names are those of the Avro enum. */
public enum RoutingReason {
    /** The entity was targeted individually. */
    TARGET,
    /** A rule on attributes matched. */
    RULE,
    /** A percentage rollout decided. */
    ROLLOUT,
    /** The flag's default answer. */
    DEFAULT,
    /** The flag is off. */
    KILLED,
    /** The flag's answer could not be used, so the default or the last good version serves. */
    FALLBACK
}
