package dev.understudy.doctor;

import dev.understudy.config.UnderstudyConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Whether Kafka Streams can keep its state on this machine. */
record DiskCheck(UnderstudyConfig config) implements Check {
    private static final long LITTLE_BYTES = 5L << 30;

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public List<Finding> look() throws IOException {
        Path state = config.kafka().stateDirectory().toAbsolutePath();
        Path there = state;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there)) {
            return List.of(failed("kafka.state-directory=" + state + " cannot be made: " + there
                    + " is not a directory; name another one, or move that file away"));
        }
        if (!Files.isWritable(there)) {
            return List.of(failed("kafka.state-directory=" + state + " cannot be written: " + there
                    + " does not allow it to the user of this process"));
        }
        long free = Files.getFileStore(there).getUsableSpace();
        String what = String.format(
                Locale.ROOT, "kafka.state-directory=%s has %.1f GiB left", state, free / (double) (1L << 30));
        return List.of(
                free < LITTLE_BYTES
                        ? warning(
                                what + "; requests that wait for outcomes need some 120 bytes each, and RocksDB as much"
                                        + " again while it tidies up")
                        : ok(what));
    }
}
