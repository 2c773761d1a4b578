package dev.understudy.domain;

/** One feature's value, in the type in which it came. */
public sealed interface FeatureValue {
    /** Present by name, without a value. */
    record Missing() implements FeatureValue {}

    record Real(double value) implements FeatureValue {}

    record Whole(long value) implements FeatureValue {}

    record Bool(boolean value) implements FeatureValue {}

    record Text(String value) implements FeatureValue {}

    /** The array is shared, not copied. */
    record Vector(double[] value) implements FeatureValue {}
}
