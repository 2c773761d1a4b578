/** Which version serves an entity, and which candidates shadow it. */
@NullMarked
package dev.understudy.flags;

import org.jspecify.annotations.NullMarked;
