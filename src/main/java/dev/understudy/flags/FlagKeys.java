package dev.understudy.flags;

import dev.understudy.domain.ModelVersion;

/**
 * The keys of the flags that are asked.
 *
 * @param serving string flag: the version that serves
 * @param candidates string flag: one version, or a JSON array of versions, to score in shadow
 * @param shadowPrefix prefix of boolean flags per version. Where such a flag exists it decides alone whether its
 *     version is shadowed; else the candidates flag does
 */
public record FlagKeys(String serving, String candidates, String shadowPrefix) {
    /** {@code ml-model-version}, {@code shadow-candidates} and {@code shadow-mode-<version>}. */
    public static FlagKeys standard() {
        return new FlagKeys("ml-model-version", "shadow-candidates", "shadow-mode-");
    }

    public FlagKeys {
        requireText("flags.keys.serving", serving);
        requireText("flags.keys.candidates", candidates);
        requireText("flags.keys.shadow-prefix", shadowPrefix);
    }

    /** Key of the boolean flag of one version. */
    public String shadowMode(ModelVersion version) {
        return shadowPrefix + version;
    }

    /** Whether it is the key of one of these flags. */
    public boolean cover(String key) {
        return key.equals(serving) || key.equals(candidates) || key.startsWith(shadowPrefix);
    }

    private static void requireText(String key, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(key + " must not be empty");
        }
    }
}
