package dev.understudy.doctor;

import java.time.Duration;
import java.util.List;

/** Looks at one thing. Writes nothing anywhere. */
interface Check {
    /** One word for people. */
    String name();

    /** How long it may take. */
    default Duration limit() {
        return Duration.ofSeconds(60);
    }

    /**
     * Looks.
     *
     * @return at least one finding
     * @throws Exception with a message for people, which becomes a FAILED finding
     */
    List<Finding> look() throws Exception;

    default Finding ok(String what) {
        return new Finding(name(), Finding.State.OK, what);
    }

    default Finding warning(String what) {
        return new Finding(name(), Finding.State.WARNING, what);
    }

    default Finding skipped(String what) {
        return new Finding(name(), Finding.State.SKIPPED, what);
    }

    default Finding failed(String what) {
        return new Finding(name(), Finding.State.FAILED, what);
    }
}
