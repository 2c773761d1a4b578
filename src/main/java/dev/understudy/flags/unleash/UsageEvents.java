package dev.understudy.flags.unleash;

import io.getunleash.engine.UnleashEngine;
import io.getunleash.metric.UnleashMetricServiceImpl;
import io.getunleash.util.UnleashConfig;
import java.util.Set;

/** Tells the server how often each variant was the answer. */
final class UsageEvents {
    private final UnleashConfig config;
    private CaughtTask sending = new CaughtTask();
    private boolean registered;

    UsageEvents(UnleashConfig config) {
        this.config = config;
    }

    /** Counts of this engine are sent from now on; what the one before it counted goes out now. */
    synchronized void follow(UnleashEngine engine) {
        send();
        sending = new CaughtTask();
        UnleashMetricServiceImpl metrics = new UnleashMetricServiceImpl(config, sending, engine);
        if (!registered) {
            metrics.register(Set.copyOf(engine.getBuiltInStrategies()));
            registered = true;
        }
    }

    synchronized void send() {
        sending.run();
    }
}
