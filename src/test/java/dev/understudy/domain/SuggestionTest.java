package dev.understudy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class SuggestionTest {
    private static final List<String> KNOWN = List.of("threshold", "task", "features");

    @Test
    void slip_of_the_pen_finds_the_name() {
        assertThat(Suggestion.didYouMean("treshhold", KNOWN)).isEqualTo("; did you mean 'threshold'?");
        assertThat(Suggestion.nearest("Task", KNOWN)).contains("task");
    }

    @Test
    void another_word_is_not_mistaken_for_a_slip() {
        assertThat(Suggestion.nearest("colour", KNOWN)).isEmpty();
        assertThat(Suggestion.didYouMean("x", List.of())).isEmpty();
    }

    @Test
    @Timeout(10)
    void name_of_many_megabytes_is_compared_with_none_of_a_few_letters() {
        List<String> many =
                IntStream.range(0, 1_000).mapToObj(i -> "feature_" + i).toList();

        assertThat(Suggestion.nearest("x".repeat(20_000_000), many)).isEmpty();
    }

    @Test
    void sentence_before_another_one_ends_whether_there_is_a_suggestion_or_not() {
        assertThat(Suggestion.orFullStop("treshhold", KNOWN)).isEqualTo("; did you mean 'threshold'?");
        assertThat(Suggestion.orFullStop("colour", KNOWN)).isEqualTo(".");
    }
}
