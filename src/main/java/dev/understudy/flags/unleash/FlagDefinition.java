package dev.understudy.flags.unleash;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.understudy.flags.FlagAnswer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One of our flags, with what it answers.
 *
 * @param answers by the mark that the engine's answer carries
 * @param unmatched where no strategy matches
 * @param constant where it answers everybody alike; null where the engine has to be asked
 * @param hasPrerequisites whether it depends on other flags; where they are not met it counts as off
 * @param dividesBy attributes that it divides by in place of the entity id
 * @param complaint what is wrong with the flag whoever asks
 */
record FlagDefinition(
        List<FlagAnswer> answers,
        FlagAnswer unmatched,
        @Nullable FlagAnswer constant,
        boolean hasPrerequisites,
        Set<String> dividesBy,
        Optional<String> complaint) {
    /** What a flag answers that is off. */
    static final FlagAnswer OFF = new FlagAnswer.Off(NullNode.getInstance());

    FlagDefinition {
        answers = List.copyOf(answers);
        dividesBy = Set.copyOf(dividesBy);
    }
}
