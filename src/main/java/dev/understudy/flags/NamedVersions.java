package dev.understudy.flags;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagDescription.State;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The versions that flags name for somebody, be it one entity or those of one rule: the next request may ask for each.
 *
 * @param serving by the serving flag
 * @param candidates by the candidates flag and the flags of single versions; none while the serving flag is off
 */
public record NamedVersions(NavigableSet<ModelVersion> serving, NavigableSet<ModelVersion> candidates) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Reads the descriptions, and adds what was counted, which is true where a description is too simple. */
    public static NamedVersions of(List<FlagDescription> flags, FlagKeys keys, SampledShares counted) {
        NavigableSet<ModelVersion> serving = byName(counted.served().keySet());
        NavigableSet<ModelVersion> candidates = byName(counted.shadowed().keySet());
        boolean isKilled =
                flags.stream().anyMatch(flag -> flag.key().equals(keys.serving()) && flag.state() == State.OFF);
        for (FlagDescription flag : isKilled ? List.<FlagDescription>of() : flags) {
            if (flag.state() != State.ON) {
                continue;
            }
            if (flag.key().equals(keys.serving())) {
                given(flag).flatMap(NamedVersions::versions).forEach(serving::add);
            } else if (flag.key().equals(keys.candidates())) {
                given(flag).flatMap(NamedVersions::versions).forEach(candidates::add);
            } else if (given(flag).anyMatch("true"::equals)) {
                ModelVersion.parse(flag.key().substring(keys.shadowPrefix().length()))
                        .ifPresent(candidates::add);
            }
        }
        return new NamedVersions(serving, candidates);
    }

    /** Each once, by name. */
    public NavigableSet<ModelVersion> all() {
        NavigableSet<ModelVersion> all = byName(serving);
        all.addAll(candidates);
        return all;
    }

    private static NavigableSet<ModelVersion> byName(Collection<ModelVersion> versions) {
        NavigableSet<ModelVersion> sorted = new TreeSet<>(Comparator.comparing(ModelVersion::name));
        sorted.addAll(versions);
        return sorted;
    }

    /** The variations that somebody gets; what a flag could answer, and gives nobody, is no promise. */
    private static Stream<String> given(FlagDescription flag) {
        Stream<String> byRules = Stream.concat(
                        flag.rules().stream().map(FlagDescription.Rule::gives), flag.rest().stream())
                .flatMap(split -> split.shares().stream())
                .filter(share -> share.percent() > 0)
                .map(FlagDescription.Share::variation);
        return Stream.concat(flag.targets().stream().map(FlagDescription.Target::variation), byRules)
                .filter(flag.variations()::contains);
    }

    private static Stream<ModelVersion> versions(String variation) {
        String text = variation.strip();
        if (!text.startsWith("[")) {
            return ModelVersion.parse(text).stream();
        }
        try {
            Stream.Builder<String> names = Stream.builder();
            for (JsonNode name : JSON.readTree(text)) {
                names.add(name.asText());
            }
            return names.build().map(ModelVersion::parse).flatMap(Optional::stream);
        } catch (JsonProcessingException e) {
            return Stream.empty(); // The flags' own health says what cannot be used.
        }
    }
}
