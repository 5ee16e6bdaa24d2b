// Package picture draws in cells of text what a network receives and makes: pictures, channels of feature maps,
// filters, sequences and rows of features.
//
// With colours a cell shows two pixels, one above the other, as a half block with a foreground and a background.
// Without, it shows a character whose ink is spread over its upper and lower half as the two pixels' brightness is, so
// that pictures keep their resolution; the characters are shades, or plain ASCII. Everything is drawn to exact sizes:
// so many lines of so many cells.
package picture
