package dev.understudy.app;

/** The pipeline stages. */
public enum StageName {
    SCORE,
    SHADOW,
    EVALUATE
}
