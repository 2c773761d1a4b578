package dev.understudy.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What is measured. */
public enum Variant {
    /** kafka-clients and ONNX Runtime alone, one call per poll: the practical limit. */
    BARE("bare"),
    /** The smallest Kafka Streams topology that copies bytes. */
    COPY("copy"),
    /** Kafka Streams with generated Avro classes and one call per record: what most people would write. */
    NAIVE("naive"),
    /** SCORE as configured by default, with no candidate to fork for. */
    SCORE("score"),
    /** SCORE that forks every request for one candidate. */
    SCORE_AND_FORK("score+fork"),
    /** SCORE, SHADOW for one candidate, and EVALUATE, each in a process of its own. */
    PIPELINE("pipeline"),
    /** EVALUATE for one candidate, alone: SCORE and SHADOW have done the backlog before it begins. */
    EVALUATE("evaluate");

    private final String text;

    Variant(String text) {
        this.text = text;
    }

    /** Pipeline stages that are measured, each in a process of its own; none for a peer. */
    List<String> stages() {
        return switch (this) {
            case BARE, COPY, NAIVE -> List.of();
            case SCORE, SCORE_AND_FORK -> List.of("score");
            case PIPELINE -> List.of("score", "shadow", "evaluate");
            case EVALUATE -> List.of("evaluate");
        };
    }

    /** Pipeline stages that do the whole backlog before those that are measured, and then stand still. */
    List<String> stagesBefore() {
        return this == EVALUATE ? List.of("score", "shadow") : List.of();
    }

    /** Peers that are written for models with a single input of float columns. */
    boolean needsColumns() {
        return this == BARE || this == NAIVE;
    }

    /** A candidate is named in the flags. */
    boolean forks() {
        return this == SCORE_AND_FORK || this == PIPELINE || this == EVALUATE;
    }

    /**
     * The variant of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Variant parse(String text) {
        return Arrays.stream(values())
                .filter(variant -> variant.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no variant '" + text + "'; there are "
                        + Arrays.stream(values()).map(Variant::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return text;
    }
}
