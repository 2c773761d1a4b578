package dev.understudy.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.random.RandomGenerator;

/** The three ports of 127.0.0.1 on which the embedded broker listens. */
record Ports(int kafka, int controller, int registry) {
    /**
     * Free ports are looked for below the range from which systems take ports of outgoing connections (32768 on Linux),
     * so that a port stays free between the look and the use, and between a kill and the restart.
     */
    private static final int FIRST = 20_000;

    private static final int COUNT = 10_000;
    private static final int ATTEMPTS = 200;

    static InetAddress loopback() {
        try {
            return InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
        } catch (IOException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /**
     * The asked-for ports where given (not 0), else those of {@code before} where still free, else free ones.
     *
     * @param before what was used in the same directory, all 0 if nothing was
     * @throws StartRefusedException when an asked-for port is in use
     */
    static Ports choose(int kafka, int registry, Ports before, RandomGenerator random) throws StartRefusedException {
        int chosenKafka = choose("Kafka", "embedded.kafka-port", kafka, before.kafka, random);
        int chosenRegistry = choose("the schema registry", "embedded.registry-port", registry, before.registry, random);
        if (chosenRegistry == chosenKafka) {
            chosenRegistry = otherThan(random, chosenKafka, chosenKafka);
        }
        int chosenController =
                isFree(before.controller) && before.controller != chosenKafka && before.controller != chosenRegistry
                        ? before.controller
                        : otherThan(random, chosenKafka, chosenRegistry);
        return new Ports(chosenKafka, chosenController, chosenRegistry);
    }

    private static int choose(String forWhat, String key, int asked, int before, RandomGenerator random)
            throws StartRefusedException {
        if (asked != 0) {
            if (!isFree(asked)) {
                throw new StartRefusedException("port " + asked + " of 127.0.0.1, asked for " + forWhat
                        + ", is in use: end the process that holds it, or set " + key
                        + " to another port (0 takes any free one)");
            }
            return asked;
        }
        return isFree(before) ? before : otherThan(random, 0, 0);
    }

    private static int otherThan(RandomGenerator random, int first, int second) throws StartRefusedException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = FIRST + random.nextInt(COUNT);
            if (port != first && port != second && isFree(port)) {
                return port;
            }
        }
        throw new StartRefusedException("no free port found on 127.0.0.1 between " + FIRST + " and "
                + (FIRST + COUNT - 1) + " in " + ATTEMPTS + " attempts: set embedded.kafka-port and "
                + "embedded.registry-port");
    }

    private static boolean isFree(int port) {
        if (port == 0) {
            return false;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(loopback(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
