package dev.understudy.readiness;

/** Whether outcomes depend on what was served. */
public enum LabelPolicy {
    /** They do not: both versions can be held against every outcome. */
    INDEPENDENT,
    /**
     * They do (a declined payment has no outcome), so that pairs with an outcome are a choice made by the version that
     * served: paired accuracy is shown, and the business values of the served arms decide.
     */
    CENSORED
}
