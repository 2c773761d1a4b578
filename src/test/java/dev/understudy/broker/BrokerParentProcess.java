package dev.understudy.broker;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process that starts an embedded broker in a directory and then does nothing. */
final class BrokerParentProcess {
    private BrokerParentProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        EmbeddedKafka kafka = EmbeddedKafka.start(
                EmbeddedKafkaSettings.in(Path.of(arguments[0])).withQuickStart());
        System.out.writeBytes(("READY " + kafka.pid() + "\n").getBytes(StandardCharsets.UTF_8));
        System.out.flush();
        Thread.currentThread().join();
    }
}
