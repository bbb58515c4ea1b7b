// Package operator has Python's operators: arithmetic, comparisons, in, items
// and slices, and walking from item to item.
package operator
