package dev.understudy.domain;

/** Two versions of one model in their roles. Roles are versions, not traffic: whoever is served, the pair stays. */
public record ModelPair(String model, ModelVersion production, ModelVersion candidate) {
    public ModelPair {
        if (production.equals(candidate)) {
            throw new IllegalArgumentException(
                    "candidate must differ from production, both were '" + production + "' of model " + model);
        }
    }

    /** Whether it is another candidate beside the same production. */
    public boolean isBeside(ModelPair other) {
        return model.equals(other.model) && production.equals(other.production) && !candidate.equals(other.candidate);
    }

    /** Key of the pair in topics, e.g. {@code fraud/v1/v2}. */
    public String key() {
        return model + "/" + production + "/" + candidate;
    }

    @Override
    public String toString() {
        return key();
    }
}
