package dev.understudy.app;

import dev.understudy.domain.ModelPair;

/**
 * The commands with which somebody finishes by hand what was begun for a pair, to be pasted into a shell.
 *
 * @param config the option that names the configuration, quoted; empty where it is the usual one
 */
record HandCommands(String config, ModelPair pair) {
    String stageStart(int percent) {
        return "understudy stage start" + options() + " --percent " + percent;
    }

    String stageEnd() {
        return "understudy stage end" + options();
    }

    /** The same for another pair. */
    HandCommands of(ModelPair other) {
        return new HandCommands(config, other);
    }

    String plan(String stage) {
        return "understudy flags plan" + options() + " --stage " + stage + " --apply";
    }

    String look() {
        return "Look at it: understudy flags" + option() + " and understudy stage show" + option();
    }

    private String option() {
        return config.isEmpty() ? "" : " " + config;
    }

    private String options() {
        return option() + " --candidate " + pair.candidate() + " --production " + pair.production();
    }
}
