package dev.understudy.doctor;

/**
 * What one check found.
 *
 * @param check what was looked at, such as {@code topics}
 * @param what names the thing, its value and, where something is wrong, what would be right
 */
public record Finding(String check, State state, String what) {
    /** How it stands. */
    public enum State {
        OK,
        /** Works, but somebody should know. */
        WARNING,
        FAILED,
        /** Not looked at, since something else has to be mended first. */
        SKIPPED
    }
}
