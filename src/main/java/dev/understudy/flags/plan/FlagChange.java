package dev.understudy.flags.plan;

import dev.understudy.domain.ModelVersion;

/** What is wanted of the serving flag, whichever system it is of. */
public sealed interface FlagChange {
    /** Key of the serving flag. */
    String key();

    /**
     * The candidate is to serve a share of those whom no target and no rule concerns. Other candidates keep theirs.
     *
     * @param production what gives way, and gets what is left
     * @param percent 0 to 100
     */
    record Share(String key, ModelVersion candidate, ModelVersion production, int percent) implements FlagChange {
        public Share {
            if (percent < 0 || percent > 100) {
                throw new IllegalArgumentException("percent must be 0 to 100, was " + percent);
            }
            if (candidate.equals(production)) {
                throw new IllegalArgumentException(
                        "candidate must differ from production, both were '" + candidate + "'");
            }
        }
    }

    /** The flag is to be switched off by the system's own switch: the default version serves everybody. */
    record Kill(String key) implements FlagChange {}
}
