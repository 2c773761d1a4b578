package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FeatureTextsTest {
    @Test
    void values_of_all_types_become_text_and_only_named_ones_are_shown() {
        Map<String, FeatureValue> features = new LinkedHashMap<>();
        features.put("amount", new FeatureValue.Real(12.5));
        features.put("visits", new FeatureValue.Whole(3));
        features.put("member", new FeatureValue.Bool(true));
        features.put("country", new FeatureValue.Text("de"));
        features.put("shape", new FeatureValue.Vector(new double[] {0.5, 1}));
        features.put("empty", new FeatureValue.Vector(new double[0]));
        features.put("gone", new FeatureValue.Missing());
        features.put("secret", new FeatureValue.Text("not to be seen"));

        assertThat(texts(features, "amount", "visits", "member", "country", "shape", "empty", "gone", "never"))
                .containsExactly(
                        Map.entry("amount", "12.5"),
                        Map.entry("visits", "3"),
                        Map.entry("member", "true"),
                        Map.entry("country", "de"),
                        Map.entry("shape", "[0.5, 1.0]"),
                        Map.entry("empty", "[]"));
    }

    @Test
    void long_text_is_cut_between_characters() {
        String value = "a".repeat(62) + "\uD83D\uDE00".repeat(10);

        assertThat(texts(Map.of("note", new FeatureValue.Text(value)), "note").get("note"))
                .isEqualTo("a".repeat(62) + "…");
        assertThat(texts(Map.of("note", new FeatureValue.Text("b".repeat(64))), "note"))
                .containsEntry("note", "b".repeat(64));
    }

    @Test
    void long_vector_shows_its_first_values_and_how_many_there_are() {
        double[] values = new double[784];
        values[0] = -1.234567890123457E-300;

        String text = String.valueOf(texts(Map.of("pixels", new FeatureValue.Vector(values)), "pixels")
                .get("pixels"));

        assertThat(text)
                .startsWith("[-1.234567890123457E-300, 0.0, 0.0")
                .endsWith("0.0, … 784 in all]")
                .hasSizeBetween(55, 64);
    }

    @Test
    void repeated_name_counts_as_it_was_last() {
        FeatureTexts texts = new FeatureTexts(List.of("amount", "visits"));

        assertThat(texts.of(visitor -> {
                    visitor.integer("amount", 1);
                    visitor.integer("visits", 1);
                    visitor.integer("amount", 2);
                    visitor.missing("visits");
                }))
                .containsExactly(Map.entry("amount", "2"));
    }

    private static Map<String, String> texts(Map<String, FeatureValue> features, String... names) {
        return new FeatureTexts(List.of(names)).of(new FeatureMap(features));
    }
}
