package dev.understudy.app;

import dev.understudy.config.ConfigurationException;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelPair;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.WriteToken;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Composes what changes the flags of a configuration. */
public final class FlagRollouts {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private FlagRollouts() {}

    /**
     * Contacts nobody yet.
     *
     * @param token for changes of flags that are not in a file; without it a switch of some systems can be planned, and
     *     nothing else
     * @param configOption the option of a command that names this configuration, quoted for a shell; empty where none does
     * @throws ConfigurationException naming the key or variable that is missing
     */
    public static FlagRollout of(
            Understudy understudy,
            ModelPair pair,
            FlagChange change,
            Optional<WriteToken> token,
            boolean apply,
            String configOption) {
        UnderstudyConfig config = understudy.config();
        UnderstudyConfig.Flags flags = config.flags();
        boolean asksNobody = switch (flags.source()) {
            case FILE -> true;
            case LAUNCHDARKLY, UNLEASH -> change instanceof FlagChange.Kill && !apply;
            case FLAGSMITH -> false;
        };
        if (token.isEmpty() && !asksNobody) {
            throw new ConfigurationException("environment variable " + WriteToken.VARIABLE
                    + " must hold a token that may read and change flags, since flags.source is "
                    + flags.source().name().toLowerCase(Locale.ROOT) + "; it is not set");
        }
        return new FlagRollout(
                FlagWriters.of(flags, config.model().version(), token),
                new RolloutStages(understudy, pair),
                () -> FlagSource.look(flags, config.model().version()),
                new HandCommands(configOption, pair),
                PATIENCE);
    }
}
