package dev.understudy.flags;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the flags came to a routing.
 *
 * @param answers what each flag that was asked answered, by key, in the order of asking. The others are not asked while the
 *     serving flag is off
 * @param problems why answers, or parts of them, could not be used; whole sentences
 */
public record Explanation(Routing routing, Map<String, FlagAnswer> answers, List<String> problems) {
    public Explanation {
        answers = Collections.unmodifiableMap(new LinkedHashMap<>(answers));
        problems = List.copyOf(problems);
    }
}
