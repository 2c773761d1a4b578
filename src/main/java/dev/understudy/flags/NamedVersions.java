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
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The versions that flags name for somebody, be it one entity or those of one rule: the next request may ask for each.
 *
 * @param serving by the serving flag
 * @param candidates by the candidates flag and the flags of single versions; none while the serving flag is off
 * @param misnamed what the flags give somebody in place of a version, and cannot be one: {@link ModelVersion#RULE}
 */
public record NamedVersions(
        NavigableSet<ModelVersion> serving, NavigableSet<ModelVersion> candidates, NavigableSet<String> misnamed) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Reads the descriptions, and adds what was counted, which is true where a description is too simple. */
    public static NamedVersions of(List<FlagDescription> flags, FlagKeys keys, SampledShares counted) {
        NavigableSet<ModelVersion> serving = byName(counted.served().keySet());
        NavigableSet<ModelVersion> candidates = byName(counted.shadowed().keySet());
        NavigableSet<String> misnamed = new TreeSet<>();
        boolean isKilled =
                flags.stream().anyMatch(flag -> flag.key().equals(keys.serving()) && flag.state() == State.OFF);
        for (FlagDescription flag : isKilled ? List.<FlagDescription>of() : flags) {
            if (flag.state() != State.ON) {
                continue;
            }
            if (flag.key().equals(keys.serving())) {
                given(flag).flatMap(NamedVersions::names).forEach(name -> add(name, serving, misnamed));
            } else if (flag.key().equals(keys.candidates())) {
                given(flag).flatMap(NamedVersions::names).forEach(name -> add(name, candidates, misnamed));
            } else if (given(flag).anyMatch("true"::equals)) {
                add(flag.key().substring(keys.shadowPrefix().length()), candidates, misnamed);
            }
        }
        return new NamedVersions(serving, candidates, misnamed);
    }

    /** Each once, by name. */
    public NavigableSet<ModelVersion> all() {
        NavigableSet<ModelVersion> all = byName(serving);
        all.addAll(candidates);
        return all;
    }

    private static void add(String name, Collection<ModelVersion> versions, Collection<String> misnamed) {
        ModelVersion.parse(name).ifPresentOrElse(versions::add, () -> misnamed.add(name));
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

    /** None of an empty text, which stands for no candidate. */
    private static Stream<String> names(String variation) {
        String text = variation.strip();
        if (!text.startsWith("[")) {
            return text.isEmpty() ? Stream.empty() : Stream.of(text);
        }
        try {
            Stream.Builder<String> names = Stream.builder();
            for (JsonNode name : JSON.readTree(text)) {
                names.add(name.asText());
            }
            return names.build();
        } catch (JsonProcessingException e) {
            return Stream.empty(); // The flags' own health says what cannot be used.
        }
    }
}
