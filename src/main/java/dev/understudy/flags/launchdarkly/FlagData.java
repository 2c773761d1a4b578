package dev.understudy.flags.launchdarkly;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.launchdarkly.sdk.server.DataModel;
import com.launchdarkly.sdk.server.subsystems.DataStore;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.DataKind;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.FullDataSet;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.ItemDescriptor;
import com.launchdarkly.sdk.server.subsystems.DataStoreTypes.KeyedItems;
import com.launchdarkly.sdk.server.subsystems.SerializationException;
import java.util.LinkedHashMap;
import java.util.Map;

/** All flags and segments as text: {@code {"flags": {...}, "segments": {...}}}, each in LaunchDarkly's own JSON. */
final class FlagData {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Map<String, DataKind> KINDS =
            Map.of("flags", DataModel.FEATURES, "segments", DataModel.SEGMENTS);

    private FlagData() {}

    static String write(DataStore store) {
        StringBuilder text = new StringBuilder();
        KINDS.forEach((name, kind) -> {
            text.append(text.isEmpty() ? "{" : ",").append(quoted(name)).append(":{");
            String separator = "";
            for (Map.Entry<String, ItemDescriptor> item : store.getAll(kind).getItems()) {
                text.append(separator)
                        .append(quoted(item.getKey()))
                        .append(':')
                        .append(kind.serialize(item.getValue()));
                separator = ",";
            }
            text.append('}');
        });
        return text.append('}').toString();
    }

    /** @throws IllegalArgumentException saying what is wrong */
    static FullDataSet<ItemDescriptor> read(String text) {
        JsonNode document;
        try {
            document = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is no JSON", e);
        }
        Map<DataKind, KeyedItems<ItemDescriptor>> data = new LinkedHashMap<>();
        KINDS.forEach((name, kind) -> {
            if (!document.path(name).isObject()) {
                throw new IllegalArgumentException("it has no \"" + name + "\"");
            }
            data.put(kind, items(kind, document.path(name)));
        });
        return new FullDataSet<>(data.entrySet());
    }

    private static KeyedItems<ItemDescriptor> items(DataKind kind, JsonNode texts) {
        Map<String, ItemDescriptor> items = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> item : texts.properties()) {
            try {
                items.put(item.getKey(), kind.deserialize(item.getValue().toString()));
            } catch (SerializationException e) {
                throw new IllegalArgumentException("'" + item.getKey() + "' is none of LaunchDarkly's", e);
            }
        }
        return new KeyedItems<>(items.entrySet());
    }

    private static String quoted(String name) {
        return JSON.getNodeFactory().textNode(name).toString();
    }
}
