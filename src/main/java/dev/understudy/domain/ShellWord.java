package dev.understudy.domain;

/** Text as one word of a POSIX shell. */
public final class ShellWord {
    private ShellWord() {}

    /** In single quotes, so that the shell takes every character as it is. */
    public static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
