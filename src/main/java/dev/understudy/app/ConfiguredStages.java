package dev.understudy.app;

import dev.understudy.config.UnderstudyConfig;
import dev.understudy.evaluate.EvaluateSettings;
import dev.understudy.kafka.Guarantee;
import dev.understudy.kafka.StageSettings;
import java.time.Duration;

/** Our configuration in the words of Kafka Streams, by stage. */
final class ConfiguredStages {
    private ConfiguredStages() {}

    static StageSettings score(UnderstudyConfig config) {
        UnderstudyConfig.Score score = config.score();
        return settings(
                StageName.SCORE, config, score.threads(), score.guarantee(), score.commitInterval(), score.linger());
    }

    static StageSettings shadow(UnderstudyConfig config) {
        UnderstudyConfig.Shadow shadow = config.shadow();
        return settings(
                StageName.SHADOW,
                config,
                shadow.threads(),
                shadow.guarantee(),
                shadow.commitInterval(),
                shadow.linger());
    }

    static StageSettings evaluate(UnderstudyConfig config, EvaluateSettings evaluation) {
        UnderstudyConfig.Evaluate evaluate = config.evaluate();
        return settings(
                        StageName.EVALUATE,
                        config,
                        evaluate.threads(),
                        Guarantee.EXACTLY_ONCE_V2,
                        evaluate.commitInterval(),
                        Duration.ofMillis(5))
                .withStreams(Evaluation.streams(config, evaluation));
    }

    private static StageSettings settings(
            StageName stage,
            UnderstudyConfig config,
            int threads,
            Guarantee guarantee,
            Duration commitInterval,
            Duration linger) {
        UnderstudyConfig.Kafka kafka = config.kafka();
        StageSettings settings = StageSettings.standard(stage.key(), kafka.applicationPrefix(), kafka.stateDirectory())
                .withThreads(threads)
                .with(guarantee, commitInterval)
                .withLinger(linger);
        return kafka.instanceId() == null ? settings : settings.asStaticMember(kafka.instanceId());
    }
}
