package dev.understudy.domain;

/** Receives features in the type in which they came. */
public interface FeatureVisitor {
    /** The name came with an explicit null. */
    void missing(String name);

    void number(String name, double value);

    void integer(String name, long value);

    void bool(String name, boolean value);

    void text(String name, String value);

    /** The array is the visitor's to keep. */
    void vector(String name, double[] value);
}
