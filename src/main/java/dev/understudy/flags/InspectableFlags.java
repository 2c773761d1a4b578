package dev.understudy.flags;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Flags that also say what they are set to and how they come to an answer, for people who look at them. */
public interface InspectableFlags extends ModelFlags {
    /** What each flag that is asked is set to: the serving flag, the candidates flag, then the flags of single versions. */
    List<FlagDescription> describe();

    /** Decides as {@link #route} does, and says how. It is not for every request: no answer is remembered or counted. */
    Explanation explain(String entityId, Map<String, String> attributes);

    /** Names that the flag system keeps for itself: a request's attributes of these names are not passed on to it. */
    Set<String> reservedAttributes();
}
