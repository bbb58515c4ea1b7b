// Package methods has the attributes and methods of values, and gives the
// parameters of a call their values.
package methods
