package dev.understudy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

/** When an array that is updated in place goes to its store again. */
final class InPlaceStoreTest {
    private static final String KEY = "Schlüssel";

    private final MockProcessorContext<String, Published> context = new MockProcessorContext<>();
    private final WatchedStores stores = new WatchedStores("arrays");
    private final List<String> given = new ArrayList<>();
    private final byte[] array = new byte[8];

    private KeyValueStore<String, byte[]> opened() {
        KeyValueStore<String, byte[]> store = Stores.keyValueStoreBuilder(stores, Serdes.String(), Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        return store;
    }

    @Test
    void an_array_that_the_cache_holds_is_not_put_again() {
        InPlaceStore inPlace = new InPlaceStore(opened());
        stores.watch(context.taskId(), given::add);

        inPlace.put(KEY, array);
        inPlace.put(KEY, array);

        assertThat(given).containsExactly(KEY);
    }

    @Test
    void an_array_that_was_handed_down_is_put_at_its_next_change_alone() {
        InPlaceStore inPlace = new InPlaceStore(opened());
        stores.watch(context.taskId(), given::add);
        inPlace.put(KEY, array);

        inPlace.handedDown(KEY);
        inPlace.put(KEY, array);
        inPlace.put(KEY, array);

        assertThat(given).containsExactly(KEY, KEY);
    }

    @Test
    void another_array_is_put_whatever_the_cache_holds() {
        KeyValueStore<String, byte[]> store = opened();
        InPlaceStore inPlace = new InPlaceStore(store);
        inPlace.put(KEY, array);
        byte[] grown = new byte[16];

        inPlace.put(KEY, grown);

        assertThat(store.get(KEY)).isSameAs(grown);
        assertThat(inPlace.get(KEY)).isSameAs(grown);
    }

    @Test
    void without_a_cache_every_change_is_put() {
        InPlaceStore inPlace = new InPlaceStore(opened());
        stores.watch(context.taskId(), key -> {
            given.add(key);
            inPlace.handedDown(key);
        });

        inPlace.put(KEY, array);
        inPlace.put(KEY, array);

        assertThat(given).containsExactly(KEY, KEY);
    }

    @Test
    void what_was_deleted_begins_anew() {
        KeyValueStore<String, byte[]> store = opened();
        InPlaceStore inPlace = new InPlaceStore(store);
        inPlace.put(KEY, array);

        inPlace.delete(KEY);
        byte[] afterwards = inPlace.get(KEY);
        inPlace.put(KEY, array);

        assertThat(afterwards).isNull();
        assertThat(store.get(KEY)).isSameAs(array);
    }

    @Test
    void a_store_that_is_not_open_cannot_be_watched() {
        opened().close();

        assertThatThrownBy(() -> stores.watch(context.taskId(), given::add))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("store arrays of task " + context.taskId() + " must be open");
    }
}
