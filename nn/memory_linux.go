package nn

import "syscall"

// physicalMemory is the machine's memory in bytes; 0 where it is not known.
func physicalMemory() int64 {
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}
