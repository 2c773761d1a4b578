package dev.understudy.pairs;

import java.util.List;
import java.util.Optional;

/** The two classes of a binary task, by whatever name a log gives them. */
final class BinaryClasses {
    /** As they stand in the evidence. */
    static final List<String> NAMES = List.of("0", "1");

    private BinaryClasses() {}

    /** Its name in the evidence; empty for anything that is neither class. */
    static Optional<String> name(String logged) {
        return switch (logged) {
            case "0", "0.0", "false", "False" -> Optional.of("0");
            case "1", "1.0", "true", "True" -> Optional.of("1");
            default -> Optional.empty();
        };
    }
}
