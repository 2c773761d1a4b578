package dev.understudy.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the candidate does while production is measured. */
public enum Scenario {
    /** There is none. */
    OFF("off", Optional.empty()),
    /** The same model as production. */
    HEALTHY("healthy", Optional.of("v2")),
    /** A hundred times as dear as production. */
    SLOW("slow", Optional.of("slow")),
    /** Goes on for hours within one operator of ONNX Runtime, on every batch. */
    HANGS("hangs", Optional.of("hangs")),
    /** Fails every call. */
    THROWS("throws", Optional.of("throws")),
    /** Takes its process down with SIGFPE, on every batch. */
    CRASHES("crashes", Optional.of("crashes"));

    private final String text;
    private final Optional<String> candidate;

    Scenario(String text, Optional<String> candidate) {
        this.text = text;
        this.candidate = candidate;
    }

    /** Name of the candidate's version. */
    List<String> candidates() {
        return candidate.stream().toList();
    }

    /** Whether the version is one that ships beside the model. */
    boolean isShippedVersion() {
        return this != OFF && this != HEALTHY;
    }

    /**
     * The scenario of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Scenario parse(String text) {
        return Arrays.stream(values())
                .filter(scenario -> scenario.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no scenario '" + text + "'; there are "
                        + Arrays.stream(values()).map(Scenario::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return text;
    }
}
