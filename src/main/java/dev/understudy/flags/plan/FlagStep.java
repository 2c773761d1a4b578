package dev.understudy.flags.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** One thing that is done to a flag system. */
public sealed interface FlagStep permits ApiCall, FileEdit {
    /** In one line. */
    String title();

    /** All of it, for people who want to read it or to do it themselves. */
    String text();

    /** The same for programs. */
    ObjectNode json();
}
