package dev.understudy.domain;

/**
 * The features of one request, by name. Read by visiting, so that a request that stays encoded is written into a
 * model's input row without a map of boxed values in between.
 */
@FunctionalInterface
public interface Features {
    /** Shows every feature to the visitor, each once, in the order in which they came. */
    void forEach(FeatureVisitor visitor);
}
