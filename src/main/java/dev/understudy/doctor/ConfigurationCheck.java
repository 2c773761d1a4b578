package dev.understudy.doctor;

import dev.understudy.app.Configured;
import dev.understudy.config.UnderstudyConfig;
import java.util.List;

/** What {@code config check} looks at. */
record ConfigurationCheck(UnderstudyConfig config) implements Check {
    @Override
    public String name() {
        return "configuration";
    }

    @Override
    public List<Finding> look() {
        Configured.check(config);
        return List.of(ok("is right, and the files of secrets that it names can be read"));
    }
}
