package dev.understudy.shadow;

import dev.understudy.domain.FeatureVisitor;
import dev.understudy.domain.Features;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The features that may be shown to people, as short text. Features that were not named stay where they are. */
final class FeatureTexts {
    private static final int LONGEST = 64;
    private static final String CUT = "…";

    private final Set<String> names;

    FeatureTexts(Collection<String> names) {
        this.names = Set.copyOf(names);
    }

    /** The named features that have a value, each in at most 64 characters. */
    Map<String, String> of(Features features) {
        if (names.isEmpty()) {
            return Map.of();
        }
        Map<String, String> texts = new LinkedHashMap<>();
        features.forEach(new FeatureVisitor() {
            @Override
            public void missing(String name) {
                // A repeated name counts as it was last.
                texts.remove(name);
            }

            @Override
            public void number(String name, double value) {
                text(name, Double.toString(value));
            }

            @Override
            public void integer(String name, long value) {
                text(name, Long.toString(value));
            }

            @Override
            public void bool(String name, boolean value) {
                text(name, Boolean.toString(value));
            }

            @Override
            public void text(String name, String value) {
                if (names.contains(name)) {
                    texts.put(name, cut(value));
                }
            }

            @Override
            public void vector(String name, double[] value) {
                if (names.contains(name)) {
                    texts.put(name, list(value));
                }
            }
        });
        return texts;
    }

    private static String cut(String value) {
        if (value.length() <= LONGEST) {
            return value;
        }
        int end = LONGEST - CUT.length();
        return value.substring(0, Character.isHighSurrogate(value.charAt(end - 1)) ? end - 1 : end) + CUT;
    }

    /** As many values as there is room for, then how many there are: {@code [0.5, 1.0, … 784 in all]}. */
    private static String list(double[] values) {
        String end = CUT + " " + values.length + " in all]";
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < values.length; i++) {
            String next = (i == 0 ? "" : ", ") + values[i];
            boolean last = i == values.length - 1;
            if (text.length() + next.length() + (last ? "]" : ", " + end).length() > LONGEST) {
                return text.append(i == 0 ? "" : ", ").append(end).toString();
            }
            text.append(next);
        }
        return text.append(']').toString();
    }
}
