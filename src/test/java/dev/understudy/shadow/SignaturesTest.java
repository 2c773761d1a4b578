package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.Task;
import dev.understudy.model.ModelSignature;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SignaturesTest {
    @Test
    void same_classes_in_another_order_match() {
        assertThat(mismatch(signature(Task.MULTICLASS, 1, "a", "b", "c"), signature(Task.MULTICLASS, 1, "c", "a", "b")))
                .isEmpty();
    }

    @Test
    void other_task_is_told() {
        assertThat(mismatch(signature(Task.MULTICLASS, 1, "a", "b", "c"), signature(Task.BINARY, 1, "a", "b")))
                .contains("production v1 is a multiclass model, candidate v2 a binary model");
    }

    @Test
    void other_classes_are_told() {
        assertThat(mismatch(signature(Task.MULTICLASS, 1, "a", "b", "c"), signature(Task.MULTICLASS, 1, "a", "b")))
                .contains("the classes differ: only production v1 has c, only candidate v2 has none");
    }

    @Test
    void of_many_classes_the_first_are_told() {
        String[] many = IntStream.range(0, 1_000).mapToObj(n -> "c" + n).toArray(String[]::new);

        assertThat(mismatch(signature(Task.MULTICLASS, 1, many), signature(Task.MULTICLASS, 1, "c0", "x", "y")))
                .contains("the classes differ: only production v1 has c1, c2, c3, c4, c5 and 994 more, only candidate"
                        + " v2 has x, y");
    }

    @Test
    void other_positive_class_is_told_since_the_scores_mean_opposite_things() {
        assertThat(mismatch(signature(Task.BINARY, 1, "stay", "churn"), signature(Task.BINARY, 0, "stay", "churn")))
                .contains("the score of production v1 is the probability of 'churn', that of candidate v2 of 'stay'");
        assertThat(mismatch(signature(Task.BINARY, 1, "stay", "churn"), signature(Task.BINARY, 0, "churn", "stay")))
                .isEmpty();
    }

    private static Optional<String> mismatch(ModelSignature production, ModelSignature candidate) {
        return Signatures.mismatch(ShadowScorerTest.target("v1", "v2"), production, candidate);
    }

    private static ModelSignature signature(Task task, int positive, String... classes) {
        return new ModelSignature(task, List.of(), List.of(), List.of(classes), positive, null);
    }
}
