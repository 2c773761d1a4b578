package dev.understudy.broker;

import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real Kafka broker and a schema registry in a child JVM of their own, on 127.0.0.1, for the demo and for tests. Any
 * other process of this machine can use them; the data outlives them, also when they are killed.
 */
public final class EmbeddedKafka implements AutoCloseable {
    static final String READY = "READY ";
    static final Pattern READY_LINE = Pattern.compile("READY bootstrap=(\\S+) registry=(\\S+)");

    private final ChildJvm child;
    private final String bootstrapServers;
    private final URI registryUrl;

    private EmbeddedKafka(ChildJvm child, String bootstrapServers, URI registryUrl) {
        this.child = child;
        this.bootstrapServers = bootstrapServers;
        this.registryUrl = registryUrl;
    }

    /**
     * Starts the broker and the registry and waits until both answer.
     *
     * @throws dev.understudy.process.ChildFailedException when they cannot start, with the child's explanation: a port
     *     in use, a directory that another process holds
     */
    public static EmbeddedKafka start(EmbeddedKafkaSettings settings) {
        JvmCommand command = JvmCommand.of(EmbeddedKafkaMain.class, settings.heapMebibytes())
                .withClassPath(settings.classPath())
                .withJvmArguments(settings.jvmArguments().toArray(String[]::new))
                // Without it the HTTP server of the JDK answers small requests 40 ms late.
                .withJvmArguments("-Dsun.net.httpserver.nodelay=true")
                .withJvmArguments("-Dlog4j2.configurationFile=classpath:dev/understudy/broker/log4j2.xml")
                .withArguments(
                        settings.dataDirectory().toAbsolutePath().toString(),
                        Integer.toString(settings.kafkaPort()),
                        Integer.toString(settings.registryPort()));
        ChildJvm child = ChildJvm.start("embedded Kafka", command, READY, settings.startLimit());
        Matcher line = READY_LINE.matcher(child.readyLine());
        if (!line.matches()) {
            child.killForcibly();
            throw new IllegalStateException("embedded Kafka said \"" + child.readyLine() + "\"");
        }
        return new EmbeddedKafka(child, line.group(1), URI.create(line.group(2)));
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    public URI registryUrl() {
        return registryUrl;
    }

    public long pid() {
        return child.pid();
    }

    public boolean isAlive() {
        return child.isAlive();
    }

    /** Completes with the exit code when the broker's process has ended, however it ended. */
    public CompletableFuture<Integer> exited() {
        return child.exited();
    }

    /** The last lines that the broker's process wrote to standard error; empty after a quiet run. */
    public String standardError() {
        return child.standardError();
    }

    /** Ends the broker as {@code kill -9} does. */
    public void killForcibly() {
        child.killForcibly();
    }

    /** Stops the broker in order; its data stays. */
    @Override
    public void close() {
        child.close();
    }
}
