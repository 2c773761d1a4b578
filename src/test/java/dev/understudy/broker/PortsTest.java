package dev.understudy.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PortsTest {
    private static final Ports NONE = new Ports(0, 0, 0);
    private final Random random = new Random(7);

    @Test
    void three_different_free_ports_are_chosen_below_the_ephemeral_range() throws Exception {
        Ports ports = Ports.choose(0, 0, NONE, random);

        assertThat(List.of(ports.kafka(), ports.controller(), ports.registry()))
                .doesNotHaveDuplicates()
                .allMatch(port -> port >= 20_000 && port < 30_000);
    }

    @Test
    void ports_of_the_last_run_are_taken_again() throws Exception {
        Ports first = Ports.choose(0, 0, NONE, random);

        assertThat(Ports.choose(0, 0, first, random)).isEqualTo(first);
    }

    @Test
    void port_of_the_last_run_that_somebody_took_is_replaced() throws Exception {
        Ports first = Ports.choose(0, 0, NONE, random);
        try (ServerSocket taken = listen(first.kafka())) {
            Ports second = Ports.choose(0, 0, first, random);

            assertThat(second.kafka()).isNotEqualTo(taken.getLocalPort());
            assertThat(second.registry()).isEqualTo(first.registry());
            assertThat(second.controller()).isEqualTo(first.controller());
        }
    }

    @Test
    void asked_for_port_wins_over_the_remembered_one() throws Exception {
        Ports first = Ports.choose(0, 0, NONE, random);
        Ports asked = Ports.choose(0, 0, NONE, random);

        Ports second = Ports.choose(asked.kafka(), asked.registry(), first, random);

        assertThat(second).isEqualTo(new Ports(asked.kafka(), first.controller(), asked.registry()));
    }

    @Test
    void asked_for_port_in_use_is_refused_by_number_and_key() throws Exception {
        try (ServerSocket taken = listen(0)) {
            int port = taken.getLocalPort();

            assertThatThrownBy(() -> Ports.choose(port, 0, NONE, random))
                    .isInstanceOf(StartRefusedException.class)
                    .hasMessage("port " + port + " of 127.0.0.1, asked for Kafka, is in use: end the process that holds"
                            + " it, or set embedded.kafka-port to another port (0 takes any free one)");
            assertThatThrownBy(() -> Ports.choose(0, port, NONE, random))
                    .hasMessageContaining("asked for the schema registry")
                    .hasMessageContaining("embedded.registry-port");
        }
    }

    private static ServerSocket listen(int port) throws Exception {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress(Ports.loopback(), port));
        return socket;
    }
}
