package dev.understudy.model.onnx;

/** What becomes of a feature that the model does not know. */
public enum UnknownFeatures {
    /** The row fails with UNKNOWN_FEATURE: for people who try a model on a file. */
    REFUSE,
    /**
     * It is left out: for pipelines, where one request is scored by versions that read different features. A misspelt
     * name still shows, as MISSING_FEATURE, since every feature of a model is required.
     */
    IGNORE
}
