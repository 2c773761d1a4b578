package dev.understudy.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

final class EmbeddedKafkaIT {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final String LISTENING = "0A";

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @Test
    void records_are_read_as_they_were_written() {
        String topic = kafka.createTopic("first", 2);
        kafka.produce(List.of(
                new ProducerRecord<>(topic, 0, "a".getBytes(UTF_8), "one".getBytes(UTF_8)),
                new ProducerRecord<>(topic, 1, "b".getBytes(UTF_8), "two".getBytes(UTF_8))));

        assertThat(kafka.consume(topic, 2, BOUND))
                .extracting(record -> record.partition() + new String(record.value(), UTF_8))
                .containsExactlyInAnyOrder("0one", "1two");
        assertThat(kafka.records(topic)).hasSize(2);
    }

    @Test
    void another_process_reads_and_writes_the_topics() {
        String from = kafka.createTopic("from", 3);
        String to = kafka.createTopic("to", 3);
        kafka.produce(IntStream.range(0, 500)
                .mapToObj(i -> new ProducerRecord<>(from, ("k" + i).getBytes(UTF_8), ("v" + i).getBytes(UTF_8)))
                .toList());
        JvmCommand command = JvmCommand.of(CopyingProcess.class, 64).withArguments(kafka.bootstrapServers(), from, to);

        try (ChildJvm other = ChildJvm.start("copier", command, "READY", BOUND)) {
            assertThat(other.pid()).isNotEqualTo(kafka.embedded().pid());
            Set<String> copied = kafka.consume(to, 500, BOUND).stream()
                    .map(record -> new String(record.key(), UTF_8) + "=" + new String(record.value(), UTF_8))
                    .collect(Collectors.toSet());

            assertThat(copied)
                    .isEqualTo(IntStream.range(0, 500)
                            .mapToObj(i -> "k" + i + "=V" + i)
                            .collect(Collectors.toSet()));
        }
    }

    @Test
    void no_other_address_of_this_machine_answers() throws Exception {
        int kafkaPort = Integer.parseInt(kafka.bootstrapServers().substring("127.0.0.1:".length()));
        for (int port : List.of(kafkaPort, kafka.registryUrl().getPort())) {
            assertThat(answers(Ports.loopback(), port)).isTrue();
            for (InetAddress address : otherAddresses()) {
                assertThat(answers(address, port))
                        .as("%s port %d", address, port)
                        .isFalse();
            }
        }
    }

    /** Whatever ports the process may have opened besides those it tells. */
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "reads /proc")
    void every_port_that_the_process_listens_on_is_bound_to_127_0_0_1() throws Exception {
        Set<String> addresses = new TreeSet<>();
        int sockets = 0;
        Set<String> own = socketInodes(kafka.embedded().pid());
        for (String table : List.of("tcp", "tcp6")) {
            for (String line :
                    Files.readAllLines(Path.of("/proc/" + kafka.embedded().pid() + "/net/" + table))) {
                String[] columns = line.strip().split("\\s+", -1);
                if (columns[3].equals(LISTENING) && own.contains(columns[9])) {
                    addresses.add(columns[1].substring(0, columns[1].indexOf(':')));
                    sockets++;
                }
            }
        }

        assertThat(sockets).as("Kafka, controller, registry").isEqualTo(3);
        // The kernel writes each 32-bit word in the order of the machine; Java's sockets are IPv4-mapped IPv6.
        assertThat(addresses).isSubsetOf("0100007F", "0000000000000000FFFF00000100007F");
    }

    private static Set<String> socketInodes(long pid) throws IOException {
        Set<String> inodes = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file)) {
                    String target = Files.readSymbolicLink(file).toString();
                    if (target.startsWith("socket:[")) {
                        inodes.add(target.substring("socket:[".length(), target.length() - 1));
                    }
                }
            }
        }
        return inodes;
    }

    private static List<InetAddress> otherAddresses() throws IOException {
        List<InetAddress> addresses = new ArrayList<>();
        addresses.add(InetAddress.getByAddress(new byte[] {127, 0, 0, 2}));
        addresses.add(InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
        NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress())
                .forEach(addresses::add);
        return addresses;
    }

    private static boolean answers(InetAddress address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 2_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
