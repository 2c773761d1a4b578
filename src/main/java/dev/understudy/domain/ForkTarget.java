package dev.understudy.domain;

/**
 * A candidate to score in shadow, and the production version to compare it with.
 *
 * @param epoch of the stage declared for the pair; 0 when none was
 */
public record ForkTarget(ModelVersion production, ModelVersion candidate, long epoch) {}
