// Package ready waits for objects: until they are ready, have ended, or are gone. It
// judges readiness as docs/readiness.md says, mostly as kstatus does, and explains why
// an object does not become ready by its pods, events and logs.
//
// It writes nothing. What it says of objects is text of others, for whoever shows it to
// mask and escape.
package ready
