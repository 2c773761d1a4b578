/** Changes of the serving flag: planned so that people can read them, made, and measured. */
@NullMarked
package dev.understudy.flags.plan;

import org.jspecify.annotations.NullMarked;
