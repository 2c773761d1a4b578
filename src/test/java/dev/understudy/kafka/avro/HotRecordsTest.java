package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.avro.PredictionRequest;
import dev.understudy.avro.ShadowRequest;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.FeatureVisitor;
import dev.understudy.domain.Features;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serde;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.Test;

class HotRecordsTest {
    private static final String TOPIC = "prediction-requests";
    private static final String SHADOW = "shadow-requests";
    private static final Schema REQUEST = PlainSchema.of(PredictionRequest.getClassSchema());
    private static final Schema FORKED = PlainSchema.of(ShadowRequest.getClassSchema());

    /** Numbers as {@code Double.equals} sees them: NaN is NaN, 0 is not -0. */
    private static final RecursiveComparisonConfiguration EXACT = RecursiveComparisonConfiguration.builder()
            .withEqualsForType(Double::equals, Double.class)
            .build();

    private final InMemoryRegistry registry = new InMemoryRegistry();
    private final int requestId = registry.register(TOPIC + "-value", REQUEST);
    private final int forkedId = registry.register(SHADOW + "-value", FORKED);
    private final AvroSerdes serdes = new AvroSerdes(registry);
    private final Serde<Request> requests = serdes.requests();
    private final Serde<ForkedRequest> forks = serdes.forkedRequests();

    @Provide
    Arbitrary<Request> anyRequest() {
        return HotRecordSamples.requests();
    }

    @Provide
    Arbitrary<ForkedRequest> anyFork() {
        return HotRecordSamples.forked();
    }

    @Property(tries = 300)
    void a_request_is_written_byte_for_byte_as_avro_writes_it(@ForAll("anyRequest") Request request) {
        byte[] expected =
                HotRecordSamples.framed(requestId, HotRecordSamples.written(HotRecordSamples.generic(request)));

        assertThat(requests.serializer().serialize(TOPIC, request)).isEqualTo(expected);
    }

    @Property(tries = 80)
    void a_request_is_read_as_avro_wrote_it_in_any_blocks(@ForAll("anyRequest") Request request) {
        byte[] plain = HotRecordSamples.written(HotRecordSamples.generic(request));
        byte[] blocks = HotRecordSamples.writtenInBlocks(HotRecordSamples.generic(request));

        assertSame(request(HotRecordSamples.framed(requestId, plain)), request);
        assertSame(request(HotRecordSamples.framed(requestId, blocks)), request);
    }

    @Property(tries = 300)
    void a_fork_is_written_byte_for_byte_as_avro_writes_it(@ForAll("anyFork") ForkedRequest forked) {
        byte[] expected =
                HotRecordSamples.framed(forkedId, HotRecordSamples.written(HotRecordSamples.generic(forked, FORKED)));

        assertThat(forks.serializer().serialize(SHADOW, forked)).isEqualTo(expected);
    }

    @Property(tries = 200)
    void a_fork_of_an_encoded_request_has_the_same_bytes_as_one_of_a_map(@ForAll("anyFork") ForkedRequest forked) {
        Request encoded = request(requests.serializer().serialize(TOPIC, forked.request()));
        ForkedRequest ofEncoded = new ForkedRequest(
                forked.origin(), forked.model(), forked.served(), forked.targets(), forked.forkedAtMillis(), encoded);

        assertThat(encoded.features()).isInstanceOf(EncodedFeatures.class);
        assertThat(forks.serializer().serialize(SHADOW, ofEncoded))
                .isEqualTo(forks.serializer().serialize(SHADOW, forked));
    }

    @Property(tries = 60)
    void a_fork_comes_back_as_it_was(@ForAll("anyFork") ForkedRequest forked) {
        byte[] bytes = forks.serializer().serialize(SHADOW, forked);
        ForkedRequest back = Objects.requireNonNull(forks.deserializer().deserialize(SHADOW, bytes));

        assertThat(back)
                .usingRecursiveComparison(EXACT)
                .ignoringFields("request")
                .isEqualTo(forked);
        assertSame(back.request(), forked.request());
        assertThat(forks.serializer().serialize(SHADOW, back)).isEqualTo(bytes);
    }

    @Test
    void a_large_vector_and_many_features_come_back_as_they_were() {
        double[] image = new Random(7).doubles(100_000).toArray();
        Map<String, FeatureValue> features = new LinkedHashMap<>();
        features.put("image", new FeatureValue.Vector(image));
        for (int i = 0; i < 3000; i++) {
            features.put("f" + i, new FeatureValue.Real(i));
        }
        Request request = new Request("r", "e", Map.of(), 0, new FeatureMap(features));

        assertSame(request(requests.serializer().serialize(TOPIC, request)), request);
    }

    @Test
    void a_name_at_the_same_place_is_the_same_string_in_the_next_request() {
        byte[] bytes = requests.serializer().serialize(TOPIC, HotRecordSamples.sampleRequest());

        List<String> first = names(request(bytes).features());
        List<String> second = names(request(bytes.clone()).features());

        assertThat(first).hasSize(6);
        for (int i = 0; i < first.size(); i++) {
            assertThat(second.get(i)).isSameAs(first.get(i));
        }
    }

    @Test
    void another_name_at_a_known_place_is_read_as_it_is() {
        Request other = new Request("r", "e", Map.of(), 0, new FeatureMap(Map.of("agf", new FeatureValue.Whole(1))));
        byte[] known = requests.serializer().serialize(TOPIC, HotRecordSamples.sampleRequest());
        byte[] changed = requests.serializer().serialize(TOPIC, other);

        assertThat(names(request(known).features()).get(0)).isEqualTo("age");
        assertThat(names(request(changed).features())).containsExactly("agf");
        assertThat(names(request(known).features()).get(0)).isEqualTo("age");
    }

    @Test
    void a_request_cut_off_anywhere_is_unreadable() {
        byte[] whole = requests.serializer().serialize(TOPIC, HotRecordSamples.sampleRequest());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> request(cut))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(UnreadableRecordException.class)
                    .hasMessageContaining("topic prediction-requests");
        }
    }

    @Test
    void a_fork_cut_off_anywhere_is_unreadable() {
        byte[] whole = forks.serializer().serialize(SHADOW, HotRecordSamples.sampleForked());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> forks.deserializer().deserialize(SHADOW, cut))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(UnreadableRecordException.class);
        }
    }

    @Test
    void any_byte_changed_gives_a_request_that_can_be_visited_or_an_unreadable_one() {
        byte[] whole = requests.serializer().serialize(TOPIC, HotRecordSamples.sampleRequest());
        int unreadable = 0;
        for (int position = WireFormat.PREFIX; position < whole.length; position++) {
            for (int value = 0; value < 256; value++) {
                byte[] changed = whole.clone();
                changed[position] = (byte) value;
                Request request;
                try {
                    request = request(changed);
                } catch (UnreadableRecordException e) {
                    unreadable++;
                    continue;
                }
                assertThat(names(request.features()))
                        .as("byte %d = %d", position, value)
                        .isNotNull();
            }
        }
        assertThat(unreadable).isGreaterThan(whole.length * 50);
    }

    @Test
    void bytes_left_over_are_unreadable() {
        byte[] whole = requests.serializer().serialize(TOPIC, HotRecordSamples.sampleRequest());

        assertThatThrownBy(() -> request(Arrays.copyOf(whole, whole.length + 3)))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("3 bytes are left over");
    }

    @Test
    void announced_sizes_that_the_bytes_cannot_hold_are_refused_before_anything_is_allocated() {
        // requestId "", entityId "", no attributes, createdAt 0, then the features.
        String before = "00000000";
        assertUnreadable(before + "feffffffffffffffff01", "items"); // Long.MAX_VALUE entries
        assertUnreadable(before + "ffffffffffffffffff0100", "items"); // Long.MIN_VALUE entries, of 0 bytes
        assertUnreadable(before + "01feffff0f", "a block of"); // one entry in a block of 16 million bytes
        assertUnreadable(before + "0101", "a block of -1 bytes");
        assertUnreadable(before + "0104" + "0278" + "00" + "00", "size that it announces"); // 2 bytes, holds 3
        assertUnreadable(before + "0108" + "0278" + "00" + "0000", "size that it announces"); // 4 bytes, holds 3
        assertUnreadable(before + "02" + "0278" + "0c" + "00", "union branch 6 of 6");
        assertUnreadable(before + "02" + "0278" + "01" + "00", "union branch -1 of 6");
        assertUnreadable(before + "02" + "0278" + "0605" + "00", "boolean");
        assertUnreadable(before + "02" + "0278" + "0afeffff0f" + "00", "items"); // a vector of 16 million
        assertUnreadable(before + "02" + "0378" + "00" + "00", "negative length");
        assertUnreadable("ffffffffffffffffffff01", "64 bits");
    }

    @Test
    void a_version_that_could_leave_its_folder_is_unreadable() {
        byte[] body = HotRecordSamples.written(HotRecordSamples.generic(HotRecordSamples.sampleForked(), FORKED));
        byte[] framed = HotRecordSamples.framed(forkedId, body);
        int place = new String(framed, StandardCharsets.ISO_8859_1).indexOf("v2");
        framed[place] = '.';
        framed[place + 1] = '.';

        assertThatThrownBy(() -> forks.deserializer().deserialize(SHADOW, framed))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContainingAll("targets.candidateVersion", ModelVersion.RULE, "'..'");
    }

    @Test
    void a_request_of_another_version_of_the_schema_is_resolved() {
        Schema older = PlainSchema.parse("{\"type\":\"record\",\"name\":\"PredictionRequest\",\"namespace\":"
                + "\"dev.understudy.avro\",\"fields\":["
                + "{\"name\":\"features\",\"type\":{\"type\":\"map\",\"values\":[\"null\",\"double\"]}},"
                + "{\"name\":\"channel\",\"type\":\"string\"},"
                + "{\"name\":\"entityId\",\"type\":\"string\"},"
                + "{\"name\":\"requestId\",\"type\":\"string\"},"
                + "{\"name\":\"createdAt\",\"type\":\"int\"}]}");
        int id = registry.register("older", older);
        // features {"x": 1.5}, channel "w", entityId "e", requestId "r", createdAt 7; attributes are missing
        byte[] body = HexFormat.of()
                .parseHex("02" + "0278" + "02" + "000000000000f83f" + "00" + "0277" + "0265" + "0272" + "0e");

        Request request = request(HotRecordSamples.framed(id, body));

        assertSame(
                request, new Request("r", "e", Map.of(), 7, new FeatureMap(Map.of("x", new FeatureValue.Real(1.5)))));
        for (int length = WireFormat.PREFIX; length < WireFormat.PREFIX + body.length; length++) {
            byte[] cut = Arrays.copyOf(HotRecordSamples.framed(id, body), length);
            assertThatThrownBy(() -> request(cut)).isInstanceOf(UnreadableRecordException.class);
        }
    }

    @Test
    void a_record_of_another_kind_is_unreadable_and_named() {
        Schema other = PlainSchema.parse(
                "{\"type\":\"record\",\"name\":\"Payment\",\"fields\":[{\"name\":\"amount\",\"type\":\"double\"}]}");
        int id = registry.register("other", other);

        assertThatThrownBy(() -> request(HotRecordSamples.framed(id, new byte[8])))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContainingAll("PredictionRequest", "Payment", "missing required field");
    }

    @Test
    void a_schema_that_differs_only_in_its_words_takes_the_direct_path() {
        Schema reworded = PlainSchema.parse(REQUEST.toString().replace("Identifies the request", "Names the request"));
        InMemoryRegistry other = new InMemoryRegistry();
        int id = other.register("reworded", reworded);
        byte[] body = HotRecordSamples.writtenInBlocks(HotRecordSamples.generic(HotRecordSamples.sampleRequest()));

        Request request =
                new AvroSerdes(other).requests().deserializer().deserialize(TOPIC, HotRecordSamples.framed(id, body));

        // Resolving would have written the blocks anew.
        byte[] features = ((EncodedFeatures) Objects.requireNonNull(request).features()).encoded();
        assertThat(Arrays.copyOfRange(body, body.length - features.length, body.length))
                .isEqualTo(features);
    }

    private void assertUnreadable(String bodyInHex, String why) {
        byte[] framed = HotRecordSamples.framed(requestId, HexFormat.of().parseHex(bodyInHex));
        assertThatThrownBy(() -> request(framed))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining(why);
    }

    private Request request(byte[] bytes) {
        return Objects.requireNonNull(requests.deserializer().deserialize(TOPIC, bytes));
    }

    private static void assertSame(Request actual, Request expected) {
        assertThat(actual)
                .usingRecursiveComparison(EXACT)
                .ignoringFields("features")
                .isEqualTo(expected);
        assertThat(FeatureMap.copyOf(actual.features()).values())
                .usingRecursiveComparison(EXACT)
                .isEqualTo(FeatureMap.copyOf(expected.features()).values());
    }

    private static List<String> names(Features features) {
        List<String> names = new ArrayList<>();
        features.forEach(new FeatureVisitor() {
            @Override
            public void missing(String name) {
                names.add(name);
            }

            @Override
            public void number(String name, double value) {
                names.add(name);
            }

            @Override
            public void integer(String name, long value) {
                names.add(name);
            }

            @Override
            public void bool(String name, boolean value) {
                names.add(name);
            }

            @Override
            public void text(String name, String value) {
                names.add(name);
            }

            @Override
            public void vector(String name, double[] value) {
                names.add(name);
            }
        });
        return names;
    }
}
