// Package runs is the tab of what is stored: the sessions as a table, one of them in detail, several on the charts
// together, what differs between two, and what can be done with them.
package runs
