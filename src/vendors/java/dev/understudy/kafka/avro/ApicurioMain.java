package dev.understudy.kafka.avro;

import dev.understudy.process.LifeLine;
import java.time.Duration;

/** The registry's own main class, in a JVM that does not outlive its parent. */
final class ApicurioMain {
    private ApicurioMain() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        LifeLine.exitWhenCut(System.in, Duration.ofSeconds(5));
        Class.forName("io.quarkus.runner.GeneratedMain")
                .getMethod("main", String[].class)
                .invoke(null, (Object) arguments);
    }
}
