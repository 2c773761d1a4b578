/** What is reported to people: published decisions as they count now, what led to them, and how this process is. */
@NullMarked
package dev.understudy.report;

import org.jspecify.annotations.NullMarked;
