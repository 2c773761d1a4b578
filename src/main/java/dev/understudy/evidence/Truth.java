package dev.understudy.evidence;

import org.jspecify.annotations.Nullable;

/**
 * What really happened.
 *
 * @param label the true class, as text
 * @param value the true value, for regression
 * @param businessValue what the outcome was worth
 */
public record Truth(
        @Nullable String label,
        @Nullable Double value,
        @Nullable Double businessValue) {}
