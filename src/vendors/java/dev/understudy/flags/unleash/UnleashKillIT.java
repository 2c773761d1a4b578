package dev.understudy.flags.unleash;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.KillTimeContract;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A real server, whose admin API switches the flag off; asked as often as the pipeline does unless told otherwise. */
class UnleashKillIT extends KillTimeContract {
    @RegisterExtension
    static final RealUnleash unleash = new RealUnleash();

    private boolean published;

    @Override
    protected String configuration() throws Exception {
        return unleash.configuration(folder, "5s");
    }

    @Override
    protected void publish(FlagsDraft flags) throws Exception {
        if (published) {
            unleash.server()
                    .send("POST", UnleashServer.SERVING + (flags.serving().on() ? "/on" : "/off"), "");
        } else {
            unleash.server().publish(UnleashJson.flags(flags));
            published = true;
        }
    }

    @Override
    protected Duration interval() {
        return Duration.ofSeconds(5);
    }
}
