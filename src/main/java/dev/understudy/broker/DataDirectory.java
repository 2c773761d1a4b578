package dev.understudy.broker;

import dev.understudy.domain.WholeFile;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The directory in which the embedded broker keeps everything: Kafka's logs, the registry's schemas, the ports. One
 * process holds it at a time; the lock ends with that process.
 */
final class DataDirectory implements AutoCloseable {
    private final Path root;
    private final FileChannel lockChannel;

    private DataDirectory(Path root, FileChannel lockChannel) {
        this.root = root;
        this.lockChannel = lockChannel;
    }

    /** Creates the directory if needed and holds it until closed. */
    static DataDirectory claim(Path root) throws IOException, StartRefusedException {
        FileChannel channel;
        try {
            Files.createDirectories(root);
            channel = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (FileSystemException e) {
            throw new StartRefusedException("data directory " + root + " cannot be used (" + e
                    + "): name a directory that can be created and written");
        }
        boolean held = false;
        try {
            held = lock(channel) != null;
        } finally {
            if (!held) {
                channel.close();
            }
        }
        DataDirectory directory = new DataDirectory(root, channel);
        if (!held) {
            throw new StartRefusedException("data directory " + root + " is held by " + directory.holder()
                    + ": end that process, use its broker, or choose another directory");
        }
        Properties holder = new Properties();
        holder.setProperty("pid", Long.toString(ProcessHandle.current().pid()));
        holder.setProperty(
                "since", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        directory.write("holder.properties", holder);
        return directory;
    }

    Path kafkaLogs() {
        return root.resolve("kafka");
    }

    Path schemas() {
        return root.resolve("schemas.jsonl");
    }

    /** The ports of the last run, 0 where none is known. */
    Ports portsBefore() throws IOException {
        Properties ports = read("ports.properties");
        return new Ports(port(ports, "kafka"), port(ports, "controller"), port(ports, "registry"));
    }

    void remember(Ports ports) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("kafka", Integer.toString(ports.kafka()));
        properties.setProperty("controller", Integer.toString(ports.controller()));
        properties.setProperty("registry", Integer.toString(ports.registry()));
        write("ports.properties", properties);
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // This very process holds it.
            return null;
        }
    }

    private String holder() throws IOException {
        Properties holder = read("holder.properties");
        return "process " + holder.getProperty("pid", "(unknown)") + " since "
                + holder.getProperty("since", "(unknown)");
    }

    private static int port(Properties ports, String name) {
        String text = ports.getProperty(name, "0");
        try {
            int port = Integer.parseInt(text);
            return port > 0 && port < 65_536 ? port : 0;
        } catch (NumberFormatException e) {
            // A remembered port is only a preference: what cannot be read is as good as none.
            return 0;
        }
    }

    private Properties read(String name) throws IOException {
        Properties properties = new Properties();
        Path file = root.resolve(name);
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                properties.load(reader);
            }
        }
        return properties;
    }

    /** Replaces the file in one step: a reader, or a restart after a kill, sees the old or the new one. */
    private void write(String name, Properties properties) throws IOException {
        StringWriter text = new StringWriter();
        properties.store(text, null);
        WholeFile.write(root.resolve(name), text.toString());
    }
}
