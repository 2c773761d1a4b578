/** Child JVMs: how they are started, watched and ended, and how they notice that their parent is gone. JDK only. */
@NullMarked
package dev.understudy.process;

import org.jspecify.annotations.NullMarked;
