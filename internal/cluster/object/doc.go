// Package object reads the fields of an object as the API server sends it: mappings,
// lists, texts and whole numbers as int64, conditions, and who manages what. It knows
// no kinds and no server.
package object
