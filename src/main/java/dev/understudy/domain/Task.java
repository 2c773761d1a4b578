package dev.understudy.domain;

/** What a model predicts. */
public enum Task {
    BINARY,
    MULTICLASS,
    REGRESSION
}
