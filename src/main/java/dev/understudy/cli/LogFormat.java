package dev.understudy.cli;

import java.util.Locale;

/** How log lines look. */
enum LogFormat {
    TEXT,
    JSON;

    private static final String PROPERTY = "understudy.log.format";

    /** Has to come before anything is logged: Log4j reads it once. */
    void use() {
        System.setProperty(PROPERTY, name().toLowerCase(Locale.ROOT));
    }

    /** The format in use. */
    static LogFormat current() {
        return valueOf(System.getProperty(PROPERTY, TEXT.name()).toUpperCase(Locale.ROOT));
    }

    /** The option that gives it to another process. */
    String option() {
        return "--log-format=" + name().toLowerCase(Locale.ROOT);
    }
}
