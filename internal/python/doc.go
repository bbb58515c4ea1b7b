// Package python has values as Python has them, as far as a template can meet
// them. What is done with them lies in packages of their own, each over those
// before it: num (numbers), str (what values print as), operator (how they
// compare and calculate, and their items), and methods.
//
// # Values
//
// A value is an any that holds one of these:
//
//	nil, bool, int, float64, string     None, True, 1, 1.0, 'a'
//	*big.Int                            a whole number that an int does not hold
//	Markup                              a text that is safe in HTML
//	*List, *Tuple, *Dict, *View, *Range, *Iterator
//	*Undefined                          what is not there
//	*Function, or a Caller              what can be called
//
// or another type of the caller's, which may have attributes (a method Attr), say
// what it is (Kind), print as another value between two texts (Wrapped), have a
// length (Len), and walk by itself (Iterate).
//
// # Faults
//
// What Python raises is an error with a message for people. What is not there,
// where it must be there, is the error of its Undefined.
//
// # Bounds
//
// No text gets longer than MaxText, no list than MaxItems, no whole number than
// MaxBits; printing and comparing go MaxDepth deep. What is more is an error, so
// that no expression fills the memory. Nothing here tells the time, makes
// anything up, or changes a value but by the methods of List and Dict.
package python
