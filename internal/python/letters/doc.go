// Package letters has what Python knows of characters: their classes and cases.
package letters
