package dev.understudy.shadow;

import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.Task;
import dev.understudy.model.ModelSignature;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Whether the answers of two versions mean the same. */
public final class Signatures {
    /** A mismatch travels on every comparison, and a model may have thousands of classes. */
    private static final int NAMES_SHOWN = 5;

    private Signatures() {}

    /** Why the answers cannot be compared, in plain words; empty when they can. */
    public static Optional<String> mismatch(ForkTarget target, ModelSignature production, ModelSignature candidate) {
        String ours = "production " + target.production();
        String theirs = "candidate " + target.candidate();
        if (production.task() != candidate.task()) {
            return Optional.of(ours + " is a " + name(production.task()) + " model, " + theirs + " a "
                    + name(candidate.task()) + " model");
        }
        List<String> ourClasses = production.classesPositiveSecond();
        List<String> theirClasses = candidate.classesPositiveSecond();
        Set<String> onlyOurs = without(ourClasses, theirClasses);
        Set<String> onlyTheirs = without(theirClasses, ourClasses);
        if (!onlyOurs.isEmpty() || !onlyTheirs.isEmpty()) {
            return Optional.of("the classes differ: only " + ours + " has " + shown(onlyOurs) + ", only " + theirs
                    + " has " + shown(onlyTheirs));
        }
        if (production.task() == Task.BINARY && !ourClasses.equals(theirClasses)) {
            return Optional.of("the score of " + ours + " is the probability of '" + ourClasses.get(1) + "', that of "
                    + theirs + " of '" + theirClasses.get(1) + "'");
        }
        return Optional.empty();
    }

    private static Set<String> without(List<String> names, List<String> others) {
        Set<String> rest = new LinkedHashSet<>(names);
        rest.removeAll(Set.copyOf(others));
        return rest;
    }

    private static String shown(Set<String> names) {
        if (names.isEmpty()) {
            return "none";
        }
        String first = String.join(", ", names.stream().limit(NAMES_SHOWN).toList());
        return names.size() <= NAMES_SHOWN ? first : first + " and " + (names.size() - NAMES_SHOWN) + " more";
    }

    private static String name(Task task) {
        return task.name().toLowerCase(Locale.ROOT);
    }
}
